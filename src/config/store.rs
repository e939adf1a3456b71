//! Where accounts and sessions are kept.
//!
//! Left out: opening the stores, and the stores that this build does not have.

use std::path::{Path, PathBuf};

use super::base::Refusal;
use super::listen::path_from;

/// Schemes that Kunci knows of without this build having them.
///
/// They get a message of their own, since whoever writes one has made no slip of the pen.
const ABSENT: &[&str] = &["postgres", "postgresql", "mysql", "redis", "rediss"];

/// A place to keep accounts or sessions, written `sqlite:PATH` or `memory:`.
///
/// A store that this build does not have is no variant, so nobody can be handed one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreUrl {
    /// The path of an SQLite database, which need not exist yet.
    Sqlite(PathBuf),
    /// The memory of this process, which forgets everything when it ends.
    Memory,
}

/// Where accounts and where sessions are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stores {
    /// The accounts, and everything else that has no place of its own.
    pub main: StoreUrl,
    /// The sessions; the same place when equal to `main`.
    pub sessions: StoreUrl,
}

impl StoreUrl {
    pub(super) fn parse(text: &str) -> Result<Self, Refusal> {
        match text.split_once(':') {
            Some(("sqlite", path)) => sqlite(path),
            Some(("memory", "")) => Ok(StoreUrl::Memory),
            Some((scheme, _)) => match ABSENT.iter().find(|absent| **absent == scheme) {
                Some(absent) => Err(format!("this build has no {absent} store").into()),
                None => Err("names no known store".into()),
            },
            None => Err("is not the URL of a store".into()),
        }
    }

    pub(super) fn show(&self) -> String {
        match self {
            StoreUrl::Sqlite(path) => format!("sqlite:{}", path.display()),
            StoreUrl::Memory => "memory:".to_owned(),
        }
    }

    pub(super) fn joined_to(self, folder: &Path) -> Self {
        match self {
            StoreUrl::Sqlite(path) => StoreUrl::Sqlite(folder.join(path)),
            StoreUrl::Memory => self,
        }
    }
}

/// Refuses what SQLite would not take for the path of a file.
///
/// `:memory:` is a database of its own for each connection, so a sign-up would be invisible to the next
/// request; `file:` brings options that contradict those Kunci opens its database with; and `//host`, as
/// other programs write it, would silently be a folder at the root.
fn sqlite(path: &str) -> Result<StoreUrl, Refusal> {
    if path.starts_with(':') {
        return Err("is no file; without a file it is memory:".into());
    }
    if path.starts_with("file:") || path.starts_with("//") {
        return Err("has more than a path after sqlite:".into());
    }
    if path.ends_with('/') {
        return Err("is a folder".into());
    }
    path_from(path).map(StoreUrl::Sqlite)
}
