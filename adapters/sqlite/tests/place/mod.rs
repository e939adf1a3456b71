//! Where test databases live: a folder of their own, which goes away with the test.

#![allow(dead_code, reason = "every test file needs a part of this")]
#![allow(clippy::expect_used, reason = "a test that cannot go on fails")]

use std::path::{Path, PathBuf};

use kunci_sqlite::{SqliteOptions, SqliteSessionStore, SqliteStore, SqliteUserStore};
use tempfile::TempDir;

/// A new folder and the path of the database in it, which is not there yet.
pub(crate) fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("kunci.sqlite");
    (folder, path)
}

/// Opens a database as a server would.
#[track_caller]
pub(crate) fn open(path: &Path) -> SqliteStore {
    SqliteStore::open(path, SqliteOptions::default()).expect("the database opens")
}

pub(crate) fn sessions() -> (TempDir, SqliteSessionStore) {
    let (folder, path) = place();
    (folder, open(&path).sessions())
}

pub(crate) fn sessions_twice() -> (TempDir, SqliteSessionStore, SqliteSessionStore) {
    let (folder, path) = place();
    (folder, open(&path).sessions(), open(&path).sessions())
}

pub(crate) fn users() -> (TempDir, SqliteUserStore) {
    let (folder, path) = place();
    (folder, open(&path).users())
}

pub(crate) fn users_twice() -> (TempDir, SqliteUserStore, SqliteUserStore) {
    let (folder, path) = place();
    (folder, open(&path).users(), open(&path).users())
}
