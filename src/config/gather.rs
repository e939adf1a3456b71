//! Collects what is given: flags first, then variables, then the file; in the order in which they decide.
//!
//! Left out: what the texts mean. Here a value is only found, told to be text, and put to its row.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};

use super::base::Refusal;
use super::error::ConfigError;
use super::file;
use super::lookup;
use super::privacy::{HIDDEN, Privacy, escape, shown_text};
use super::setting::{PREFIX, Row, flag_name};
use super::table;

/// The file that is read when nobody names one.
const USUAL_FILE: &str = "kunci.toml";

/// How many slips of the pen an unknown key may be away from a known one to have its value shown.
///
/// A key farther off may be anything, so its value may be a secret.
const SLIPS: usize = 2;

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The flag of this key.
    Flag(&'static str),
    /// The variable of this name.
    Variable(String),
    /// A line of the file, counted from 1.
    File {
        /// The path of the file.
        path: PathBuf,
        /// The line where the value begins.
        line: usize,
    },
    /// Nobody gave it.
    Default,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Flag(key) => write!(f, "flag {}", flag_name(key)),
            Source::Variable(name) => write!(f, "variable {}", escape(name)),
            Source::File { path, line } => {
                let path = escape(&path.to_string_lossy());
                write!(f, "file {path}, line {line}")
            }
            Source::Default => f.write_str("default"),
        }
    }
}

/// What the command line gives: texts by key, not checked yet.
///
/// `Debug` shows the keys only, since an address may carry a password.
#[derive(Clone, Default)]
pub struct Flags {
    config_file: Option<PathBuf>,
    given: Vec<(&'static str, OsString)>,
}

impl Flags {
    /// Names the settings file, as `--config` does; it must then exist.
    #[must_use]
    pub fn with_config_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.config_file = Some(path.into());
        self
    }

    /// Gives the setting of this key, as its flag does.
    ///
    /// A key that has no flag makes [`Config::load`](super::Config::load) fail, secrets above all.
    #[must_use]
    pub fn with(mut self, key: &'static str, text: impl Into<OsString>) -> Self {
        self.given.push((key, text.into()));
        self
    }
}

impl fmt::Debug for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys: Vec<&str> = self.given.iter().map(|(key, _)| *key).collect();
        f.debug_struct("Flags")
            .field("config_file", &self.config_file)
            .field("given", &keys)
            .finish()
    }
}

/// One value as it was given. It has no `Debug`: the text may be a secret.
pub(super) struct Given {
    /// The setting that it is for.
    pub(super) row: &'static Row,
    /// The value, in the notation of flags and variables.
    pub(super) text: String,
    /// The value as messages may show it.
    pub(super) shown: String,
    /// Where it came from.
    pub(super) source: Source,
}

/// A path for the file, with who gave it.
type Named = Option<(PathBuf, Source)>;

/// All that is given, what decides first, and the file that was read.
pub(super) fn gather(
    flags: &Flags,
    env: impl IntoIterator<Item = (OsString, OsString)>,
    folder: &Path,
) -> Result<(Vec<Given>, Option<PathBuf>), ConfigError> {
    let (mut given, named_by_flag) = from_flags(flags)?;
    let (from_variables, named_by_variable) = from_variables(env)?;
    given.extend(from_variables);
    let read = match named_by_flag.or(named_by_variable) {
        Some((path, source)) if path.as_os_str().is_empty() => {
            return Err(ConfigError::bad_file_name(&source));
        }
        Some((path, source)) => Some(file::read(folder.join(path), &source)?),
        None => file::read_if_present(folder.join(USUAL_FILE))?,
    };
    let path = read.map(|(path, in_file)| {
        given.extend(in_file);
        path
    });
    Ok((given, path))
}

fn from_flags(flags: &Flags) -> Result<(Vec<Given>, Named), ConfigError> {
    let given = flags.given.iter().map(|(key, value)| {
        let known = lookup::row(key).filter(|row| row.has_flag);
        text_given(known, key, value, Source::Flag(key))
    });
    let file = flags.config_file.clone();
    let named = file.map(|path| (path, Source::Flag(table::CONFIG_FILE.key)));
    Ok((given.collect::<Result<_, _>>()?, named))
}

fn from_variables(
    env: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<(Vec<Given>, Named), ConfigError> {
    let mut given = Vec::new();
    let mut named = None;
    for (name, value) in ours(env) {
        let source = Source::Variable(name.clone());
        if name == table::CONFIG_FILE.variable() {
            named = Some((PathBuf::from(value), source));
            continue;
        }
        let key = name.strip_prefix(PREFIX).unwrap_or(&name).to_lowercase();
        // Only the exact name counts, since variables differ by case.
        let known = lookup::row(&key).filter(|row| row.variable() == name);
        given.push(text_given(known, &key, &value, source)?);
    }
    Ok((given, named))
}

/// An error for a key that no setting has, with the value only when the key is a slip of the pen.
pub(super) fn unknown_key(key: &str, source: &Source, show: impl FnOnce(Privacy) -> String) -> ConfigError {
    let nearest = lookup::nearest(key);
    let shown = if strsim::damerau_levenshtein(key, nearest.key) <= SLIPS {
        match nearest.privacy {
            Privacy::Secret => HIDDEN.to_owned(),
            Privacy::Open | Privacy::Credentials => show(Privacy::Credentials),
        }
    } else {
        HIDDEN.to_owned()
    };
    ConfigError::unknown_key(key, &shown, source, nearest)
}

fn text_given(
    row: Option<&'static Row>,
    key: &str,
    value: &OsStr,
    source: Source,
) -> Result<Given, ConfigError> {
    let lossy = value.to_string_lossy();
    let Some(row) = row else {
        return Err(unknown_key(key, &source, |privacy| shown_text(privacy, &lossy)));
    };
    let shown = shown_text(row.privacy, &lossy);
    match value.to_str() {
        Some(text) => Ok(Given {
            row,
            text: text.to_owned(),
            shown,
            source,
        }),
        None => {
            let refusal = Refusal::from("is not UTF-8");
            Err(ConfigError::bad_value(row, &shown, &source, &refusal))
        }
    }
}

/// The variables that are meant for us, by name, so that of two mistakes always the same is told.
fn ours(env: impl IntoIterator<Item = (OsString, OsString)>) -> BTreeMap<String, OsString> {
    env.into_iter()
        .map(|(name, value)| (name.to_string_lossy().into_owned(), value))
        .filter(|(name, value)| name.starts_with(PREFIX) && !is_foreign(name, value))
        .collect()
}

/// Whether the variable only looks like ours: see [`Config::load`](super::Config::load).
fn is_foreign(name: &str, value: &OsStr) -> bool {
    let after_port = |(_, rest): (&str, &str)| rest.starts_with(|char: char| char.is_ascii_digit());
    let has_address = || {
        let value = value.to_string_lossy();
        ["tcp://", "udp://", "sctp://"]
            .iter()
            .any(|scheme| value.starts_with(scheme))
    };
    name.starts_with("KUNCI_TEST_")
        || name.ends_with("_SERVICE_HOST")
        || name.ends_with("_SERVICE_PORT")
        || name.contains("_SERVICE_PORT_")
        || name.split_once("_PORT_").is_some_and(after_port)
        || (name.ends_with("_PORT") && has_address())
}
