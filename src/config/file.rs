//! Reads the settings file: TOML, each value with its line.

use std::io::ErrorKind;
use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::layers::{Added, Layer, Raw, unknown};
use super::message::{ConfigError, shown};
use super::read::read_limited;
use super::schema::{is_section, key};

/// Reads the settings file. `named_by` is the flag or variable that names it; without one, the file may be
/// absent.
///
/// # Errors
/// [`ConfigError`] if the file cannot be read, is not TOML, or contains an unknown key or a refused value.
pub(crate) fn read(path: &Path, named_by: Option<&str>) -> Result<Layer, ConfigError> {
    let bytes = match (read_limited(path), named_by) {
        (Ok(bytes), _) => bytes,
        (Err(error), None) if error.kind() == ErrorKind::NotFound => return Ok(Layer::default()),
        (Err(error), _) => {
            let source = named_by.unwrap_or("settings file");
            return Err(ConfigError::new(
                source,
                format!("{path:?} cannot be read: {error}"),
            ));
        }
    };
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        ConfigError::new(place(path, error.as_bytes(), valid), "not UTF-8")
    })?;
    let table = DeTable::parse(&text).map_err(|error| {
        let source = place(path, text.as_bytes(), error.span().unwrap_or_default().start);
        // The message of the parser quotes nothing, so that it shows no secret.
        ConfigError::new(source, format_args!("invalid TOML: {}", error.message()))
    })?;
    let mut layer = Layer::default();
    File { path, text: &text }.add_table("", table.get_ref(), &mut layer)?;
    Ok(layer)
}

/// A file that is being read.
struct File<'a> {
    path: &'a Path,
    text: &'a str,
}

impl File<'_> {
    fn add_table(&self, section: &str, table: &DeTable<'_>, layer: &mut Layer) -> Added {
        let mut entries: Vec<_> = table.iter().collect();
        // The table is sorted by key. The first error should be the topmost one.
        entries.sort_by_key(|(name, _)| name.span().start);
        for (name, value) in entries {
            let dot = if section.is_empty() { "" } else { "." };
            let path = format!("{section}{dot}{}", name.get_ref());
            let source = place(self.path, self.text.as_bytes(), name.span().start);
            match (key(&path), value.get_ref()) {
                (Some(key), given) => {
                    let written = self.text.get(value.span()).unwrap_or_default();
                    let written = if given.is_table() { "(a table)" } else { written };
                    layer.add(key, Raw::Toml(given), &shown(written, key.is_secret()), &source)?;
                }
                (None, DeValue::Table(inner)) if is_section(&path) => self.add_table(&path, inner, layer)?,
                (None, _) => return Err(unknown(&path, &source, |key| key.path.clone())),
            }
        }
        Ok(())
    }
}

/// Returns the file with the line of a byte, counted from 1.
fn place(path: &Path, bytes: &[u8], position: usize) -> String {
    let before = bytes.iter().take(position);
    let line = 1 + before.filter(|byte| **byte == b'\n').count();
    format!("{}:{line}", path.display())
}
