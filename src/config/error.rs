//! What can be wrong with the settings, each as one line for the person who wrote them.
//!
//! Left out: why a text is no value of its kind; each kind says that itself.

use std::borrow::Cow;
use std::fmt;
use std::path::Path;

use super::base::Refusal;
use super::gather::Source;
use super::privacy::escape;
use super::table::{self, Row};

/// What kind of mistake a [`ConfigError`] is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigErrorKind {
    /// A flag, a variable or a key in the file that no setting has.
    UnknownKey,
    /// A value that its setting does not accept, by itself or beside another setting.
    BadValue,
    /// The file cannot be read, is no text, or is no TOML.
    BadFile,
}

/// Settings that cannot be used.
///
/// Its text is one line that names the key, the value (secrets hidden, control characters escaped, long
/// values cut), where it came from, what is accepted, and for an unknown key the nearest known one.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{line}")]
pub struct ConfigError {
    kind: ConfigErrorKind,
    line: String,
}

impl ConfigError {
    /// What kind of mistake it is.
    pub fn kind(&self) -> ConfigErrorKind {
        self.kind
    }

    /// A key that is in no row of the table; `value` is as it may be shown.
    pub(super) fn unknown_key(key: &str, value: &str, source: &Source, nearest: &Row) -> Self {
        let key = escape(key);
        let Row {
            key: known, accepts, ..
        } = nearest;
        ConfigError {
            kind: ConfigErrorKind::UnknownKey,
            line: format!(
                "unknown key {key} = {value} ({source}); the nearest known key is {known}, accepted: {accepts}"
            ),
        }
    }

    /// A value that its setting refuses; `value` is as it may be shown.
    pub(super) fn bad_value(row: &Row, value: &str, source: &Source, refusal: &Refusal) -> Self {
        Self::contradiction(row, value, source, &refusal.0, row.accepts)
    }

    /// A value that is none beside the other settings; `accepted` says what would be.
    pub(super) fn contradiction(row: &Row, value: &str, source: &Source, why: &str, accepted: &str) -> Self {
        let key = row.key;
        ConfigError {
            kind: ConfigErrorKind::BadValue,
            line: format!("{key} = {value} ({source}): {why}; accepted: {accepted}"),
        }
    }

    /// The path that a flag or a variable gives for the file cannot be used.
    pub(super) fn bad_file_name(source: &Source) -> Self {
        Self::contradiction(
            &table::CONFIG_FILE,
            "\"\"",
            source,
            "is empty",
            table::CONFIG_FILE.accepts,
        )
    }

    /// The file as a whole, or one line of it, cannot be read.
    pub(super) fn bad_file(path: &Path, line: Option<usize>, why: impl fmt::Display) -> Self {
        let place = match line {
            Some(line) => Cow::Owned(format!(", line {line}")),
            None => Cow::Borrowed(""),
        };
        let path = escape(&path.to_string_lossy());
        let why = escape(&why.to_string());
        ConfigError {
            kind: ConfigErrorKind::BadFile,
            line: format!("file {path}{place}: {why}"),
        }
    }
}
