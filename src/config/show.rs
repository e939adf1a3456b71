//! The settings in use, as `kunci config show` prints them.
//!
//! Left out: the table for the README, which is about defaults and is in `table`.

use std::fmt;

use super::gather::Source;
use super::setting::{Row, Shape};

/// One setting in use.
///
/// `Display` gives one line of TOML, `key = value  # source`; a setting that is absent is commented out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Its key in the file.
    pub key: &'static str,
    /// Its value as TOML, `"(set)"` for a secret; in parentheses what happens when it is absent.
    pub value: String,
    /// Where it came from.
    pub source: Source,
    is_absent: bool,
}

impl Shown {
    pub(super) fn set(row: &Row, text: &str, source: Source) -> Self {
        Shown {
            key: row.key,
            value: toml_literal(row.shape, text),
            source,
            is_absent: false,
        }
    }

    pub(super) fn absent(row: &Row, instead: &str) -> Self {
        Shown {
            key: row.key,
            value: format!("({instead})"),
            source: Source::Default,
            is_absent: true,
        }
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let comment = if self.is_absent { "# " } else { "" };
        write!(f, "{comment}{} = {}  # {}", self.key, self.value, self.source)
    }
}

/// The text of a value in the notation of the file.
pub(super) fn toml_literal(shape: Shape, text: &str) -> String {
    match shape {
        Shape::Number => text.to_owned(),
        Shape::Text | Shape::Size => toml_string(text),
        Shape::OneOrMore if !text.contains(',') => toml_string(text),
        Shape::List | Shape::OneOrMore => {
            let items = text.split(',').filter(|item| !item.is_empty());
            let items: Vec<String> = items.map(toml_string).collect();
            format!("[{}]", items.join(", "))
        }
    }
}

/// Escapes what a basic string may not hold, and what could steer a terminal.
///
/// Rust's own escapes are not TOML's: `\u{1b}` would be a syntax error.
fn toml_string(text: &str) -> String {
    let mut string = String::from('"');
    for char in text.chars() {
        match char {
            '"' | '\\' => string.extend(['\\', char]),
            // Rust escapes exactly what is not printable, quotes aside.
            _ if char != '\'' && char.escape_debug().len() != 1 => {
                string.push_str(&format!("\\U{:08X}", u32::from(char)));
            }
            _ => string.push(char),
        }
    }
    string.push('"');
    string
}
