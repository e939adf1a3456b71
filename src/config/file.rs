//! Reads the settings file: flat TOML, each value with the line it stands on.
//!
//! Left out: what the values mean. A value becomes the text that a variable would hold, so that one
//! parser serves all sources; whether its TOML type fits the setting is decided here.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use super::base::Refusal;
use super::error::ConfigError;
use super::gather::{Given, Source, unknown_key};
use super::lookup;
use super::privacy::shown_snippet;
use super::setting::{Row, Shape};

/// The largest file that is read: a path that leads elsewhere by mistake must not fill the memory.
const LARGEST: u64 = 1024 * 1024;

/// What stands in messages for a table, which is no secret, however wrong it is where it stands.
const TABLE: &str = "(a table)";

/// What one file gives, with its path.
type InFile = (PathBuf, Vec<Given>);

/// Reads the file that `source` names.
///
/// # Errors
///
/// When it is absent or unreadable, is no flat TOML in UTF-8, or has an unknown key or a wrong type.
pub(super) fn read(path: PathBuf, source: &Source) -> Result<InFile, ConfigError> {
    match bytes_of(&path) {
        Ok(bytes) => given_in(path, bytes),
        Err(error) => {
            let why = format!("named by {source}, cannot be read: {error}");
            Err(ConfigError::bad_file(&path, None, why))
        }
    }
}

/// Reads the file that nobody named, if there is one.
///
/// # Errors
///
/// As [`read`], except that it may be absent.
pub(super) fn read_if_present(path: PathBuf) -> Result<Option<InFile>, ConfigError> {
    match bytes_of(&path) {
        Ok(bytes) => given_in(path, bytes).map(Some),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => {
            let why = format!("cannot be read: {error}");
            Err(ConfigError::bad_file(&path, None, why))
        }
    }
}

fn bytes_of(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if LARGEST < bytes.len() as u64 {
        return Err(io::Error::other("it is larger than 1 MiB"));
    }
    Ok(bytes)
}

fn given_in(path: PathBuf, bytes: Vec<u8>) -> Result<InFile, ConfigError> {
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let line = line_at(error.as_bytes(), valid);
        ConfigError::bad_file(&path, Some(line), "is not UTF-8")
    })?;
    let table = DeTable::parse(&text).map_err(|error| syntax_error(&path, &text, &error))?;
    let mut entries: Vec<_> = table.get_ref().iter().collect();
    // The table is sorted by key; people read from the top.
    entries.sort_by_key(|(key, _)| key.span().start);
    let given = entries
        .into_iter()
        .map(|(key, value)| {
            let source = Source::File {
                path: path.clone(),
                line: line_at(text.as_bytes(), key.span().start),
            };
            let snippet = match value.get_ref() {
                DeValue::Table(_) => TABLE,
                _ => text.get(value.span()).unwrap_or_default(),
            };
            given_value(key.get_ref(), value.get_ref(), snippet, source)
        })
        .collect::<Result<_, _>>()?;
    Ok((path, given))
}

fn given_value(key: &str, value: &DeValue<'_>, snippet: &str, source: Source) -> Result<Given, ConfigError> {
    let Some(row) = lookup::row(key) else {
        return Err(match value {
            DeValue::Table(_) => ConfigError::unknown_key(key, TABLE, &source, lookup::nearest(key)),
            _ => unknown_key(key, &source, |privacy| shown_snippet(privacy, snippet)),
        });
    };
    let shown = shown_snippet(row.privacy, snippet);
    match text_from(row, value) {
        Ok(text) => Ok(Given {
            row,
            text,
            shown,
            source,
        }),
        Err(refusal) => Err(ConfigError::bad_value(row, &shown, &source, &refusal)),
    }
}

/// The text that a variable would hold, if the value has the type that the row takes.
fn text_from(row: &Row, value: &DeValue<'_>) -> Result<String, Refusal> {
    match (row.shape, value) {
        (Shape::Text | Shape::Size | Shape::List | Shape::OneOrMore, DeValue::String(text)) => {
            Ok(text.to_string())
        }
        (Shape::Number | Shape::Size, DeValue::Integer(integer)) => {
            i128::from_str_radix(integer.as_str(), integer.radix())
                .map(|integer| integer.to_string())
                .map_err(|_| "is far too large".into())
        }
        (Shape::List | Shape::OneOrMore, DeValue::Array(items)) => {
            let items: Result<Vec<&str>, Refusal> =
                items.iter().map(|item| item_from(item.get_ref())).collect();
            Ok(items?.join(","))
        }
        (shape, other) => Err(format!("is {}, not {}", type_of(other), wanted(shape)).into()),
    }
}

/// An item of a list; a comma would split it in two behind its writer's back.
fn item_from<'v>(value: &'v DeValue<'_>) -> Result<&'v str, Refusal> {
    match value {
        DeValue::String(text) if text.contains(',') => Err("has a comma inside an item".into()),
        DeValue::String(text) if text.trim().is_empty() => Err("has an empty item".into()),
        DeValue::String(text) => Ok(text),
        other => Err(format!("has {} among its items", type_of(other)).into()),
    }
}

fn type_of(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a float",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    }
}

fn wanted(shape: Shape) -> &'static str {
    match shape {
        Shape::Text | Shape::OneOrMore => "a string",
        Shape::Number => "an integer",
        Shape::Size => "an integer or a string",
        Shape::List => "an array of strings",
    }
}

/// The parser's message, which says what was expected and quotes nothing, so it cannot show a secret.
fn syntax_error(path: &Path, text: &str, error: &toml::de::Error) -> ConfigError {
    let span = error.span().unwrap_or_default();
    let line = line_at(text.as_bytes(), span.start);
    let message = error.message();
    let message = message.strip_suffix(", expected nothing").unwrap_or(message);
    match text.get(span) {
        Some(key) if message == "duplicate key" => {
            ConfigError::bad_file(path, Some(line), format!("the key {key} is there twice"))
        }
        _ => ConfigError::bad_file(path, Some(line), format!("is no TOML: {message}")),
    }
}

/// The line, counted from 1, of a byte.
fn line_at(bytes: &[u8], position: usize) -> usize {
    let before = bytes.iter().take(position);
    1 + before.filter(|byte| **byte == b'\n').count()
}
