//! Where accounts and sessions are kept, as people write it.
//!
//! Left out: opening the stores, and the stores that this build does not have.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Schemes that Kunci knows of without this build having them.
///
/// They get a message of their own, since whoever writes one has made no slip of the pen.
const ABSENT: &[&str] = &["postgres", "postgresql", "mysql", "redis", "rediss"];

/// A text names no store that this build has; the message is a clause without the text itself.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct StoreUrlError(pub(crate) Cow<'static, str>);

/// A place to keep accounts or sessions, written `sqlite:PATH` or `memory:`.
///
/// A store that this build does not have is no variant, so nobody can be handed one.
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
    /// The path of an SQLite database, which need not exist yet.
    Sqlite(PathBuf),
    /// The memory of this process, which forgets everything when it ends.
    Memory,
}

impl StoreUrl {
    /// Reads what a person wrote.
    ///
    /// # Errors
    /// [`StoreUrlError`], when this build has no such store.
    pub fn parse(text: &str) -> Result<Self, StoreUrlError> {
        let refused = |why: String| Err(StoreUrlError(why.into()));
        match text.split_once(':') {
            Some(("sqlite", path)) => sqlite(path),
            Some(("memory", "")) => Ok(Self::Memory),
            Some((scheme, _)) => match ABSENT.iter().find(|absent| **absent == scheme) {
                Some(absent) => refused(format!("this build has no {absent} store")),
                None => refused("names no known store".to_owned()),
            },
            None => refused("is not the URL of a store".to_owned()),
        }
    }

    /// As it is written.
    #[must_use]
    pub fn show(&self) -> String {
        match self {
            Self::Sqlite(path) => format!("sqlite:{}", path.display()),
            Self::Memory => "memory:".to_owned(),
        }
    }

    /// The same place, seen from another folder.
    #[must_use]
    pub fn joined_to(self, folder: &Path) -> Self {
        match self {
            Self::Sqlite(path) => Self::Sqlite(folder.join(path)),
            Self::Memory => self,
        }
    }

    /// The file beside it that keeps the secret key of whoever has no other place for it.
    pub(crate) fn key_file(&self) -> Option<PathBuf> {
        match self {
            Self::Sqlite(path) => Some(path.with_extension("key")),
            Self::Memory => None,
        }
    }

    /// The folder beside it for the mails of whoever has no other way to send them.
    pub(crate) fn outbox(&self) -> Option<PathBuf> {
        match self {
            Self::Sqlite(path) => Some(path.with_extension("outbox")),
            Self::Memory => None,
        }
    }
}

/// Refuses what SQLite would not take for the path of a file.
///
/// `:memory:` is a database of its own for each connection, so a sign-up would be invisible to the next
/// request; `file:` brings options that contradict those Kunci opens its database with; and `//host`, as
/// other programs write it, would silently be a folder at the root.
fn sqlite(path: &str) -> Result<StoreUrl, StoreUrlError> {
    let refused = |why: &'static str| Err(StoreUrlError(why.into()));
    match path {
        "" => refused("has no path"),
        _ if path.starts_with(':') => refused("is no file; without a file it is memory:"),
        _ if path.starts_with("file:") || path.starts_with("//") => {
            refused("has more than a path after sqlite:")
        }
        _ if path.ends_with('/') => refused("is a folder"),
        _ if path.contains('\0') => refused("has a NUL in its path"),
        _ => Ok(StoreUrl::Sqlite(path.into())),
    }
}
