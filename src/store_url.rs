//! The URLs of stores.

use std::borrow::Cow;
use std::path::PathBuf;

use thiserror::Error;

/// Schemes of stores that this build does not have. They have a message of their own, because they are not
/// typing errors.
const ABSENT: &[&str] = &["postgres", "postgresql", "mysql", "redis", "rediss"];

/// The text is not the URL of a store of this build. The message is a clause without the text.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct StoreUrlError(pub(crate) Cow<'static, str>);

/// The URL of a store for accounts or sessions, `sqlite:PATH` or `memory:`.
///
/// ```
/// use kunci::StoreUrl;
///
/// assert_eq!(StoreUrl::parse("sqlite:app.db"), Ok(StoreUrl::Sqlite("app.db".into())));
/// assert_eq!(StoreUrl::parse("memory:"), Ok(StoreUrl::Memory));
/// assert!(StoreUrl::parse("sqlite::memory:").is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreUrl {
    /// The path of an SQLite database, which is created if it does not exist.
    Sqlite(PathBuf),
    /// The memory of this process. It is lost when the process ends.
    Memory,
}

impl StoreUrl {
    /// Parses a URL.
    ///
    /// # Errors
    /// [`StoreUrlError`] if this build has no such store.
    pub fn parse(text: &str) -> Result<Self, StoreUrlError> {
        match text.split_once(':') {
            Some(("sqlite", path)) => sqlite(path),
            Some(("memory", "")) => Ok(Self::Memory),
            Some((scheme, _)) if ABSENT.contains(&scheme) => {
                Err(StoreUrlError(format!("this build has no {scheme} store").into()))
            }
            Some(_) => Err(StoreUrlError("its scheme is not known".into())),
            None => Err(StoreUrlError("it is not a URL".into())),
        }
    }

    /// Returns the URL as a text.
    #[must_use]
    pub fn show(&self) -> String {
        match self {
            Self::Sqlite(path) => format!("sqlite:{}", path.display()),
            Self::Memory => "memory:".to_owned(),
        }
    }

    /// Returns the default file for the secret key, beside the database.
    pub(crate) fn key_file(&self) -> Option<PathBuf> {
        match self {
            Self::Sqlite(path) => Some(path.with_extension("key")),
            Self::Memory => None,
        }
    }

    /// Returns the default folder for mails, beside the database.
    pub(crate) fn outbox(&self) -> Option<PathBuf> {
        match self {
            Self::Sqlite(path) => Some(path.with_extension("outbox")),
            Self::Memory => None,
        }
    }
}

/// Parses a path, and refuses what SQLite would not treat as the path of a file.
///
/// - `:memory:` is a separate database for each connection, so a request would not see earlier sign-ups.
/// - `file:` allows options that contradict those with which Kunci opens the database.
/// - `//host`, as other programs write it, would be a folder at the root.
fn sqlite(path: &str) -> Result<StoreUrl, StoreUrlError> {
    let refused = |why: &'static str| Err(StoreUrlError(why.into()));
    match path {
        "" => refused("it has no path"),
        _ if path.starts_with(':') => refused("its path is not a file; use memory: for a store in memory"),
        _ if path.starts_with("file:") || path.starts_with("//") => {
            refused("it contains more than a path after sqlite:")
        }
        _ if path.ends_with('/') => refused("its path is a folder"),
        _ if path.contains('\0') => refused("its path contains a NUL character"),
        _ => Ok(StoreUrl::Sqlite(path.into())),
    }
}
