//! Finds rows of the table, and prints it.
//!
//! Left out: the table itself, which is `table`, and the settings in use, which `show` prints.

use std::fmt::Write;

use super::setting::{Fallback, Row};
use super::table::{CONFIG_FILE, ROWS};

/// The row of a key.
pub(super) fn row(key: &str) -> Option<&'static Row> {
    ROWS.iter().copied().find(|row| row.key == key)
}

/// The row whose key is most like this one; of equals the first.
pub(super) fn nearest(key: &str) -> &'static Row {
    let key = key.to_ascii_lowercase().replace('-', "_");
    let mut nearest = (0.0, ROWS[0]);
    for row in ROWS {
        let likeness = strsim::normalized_damerau_levenshtein(&key, row.key);
        if nearest.0 < likeness {
            nearest = (likeness, row);
        }
    }
    nearest.1
}

/// The settings as a Markdown table, for the README.
///
/// One row per setting, the file's own name first, each line ended by a newline.
pub fn settings_table_markdown() -> String {
    let mut table =
        String::from("| Key | Flag | Variable | Default | Accepted | Meaning |\n|---|---|---|---|---|---|\n");
    for row in [&CONFIG_FILE].into_iter().chain(ROWS) {
        let flag = row.flag().map_or_else(String::new, |flag| format!("`{flag}`"));
        let default = match row.fallback {
            Fallback::Is("") => "none".to_owned(),
            Fallback::Is(text) => format!("`{text}`"),
            Fallback::From(words) => words.to_owned(),
        };
        let Row {
            key, accepts, about, ..
        } = row;
        let variable = row.variable();
        // Writing into a string cannot fail.
        let _ = writeln!(
            table,
            "| `{key}` | {flag} | `{variable}` | {default} | {accepts} | {about} |"
        );
    }
    table
}
