//! Temporary folders for test databases, and steps that many tests share.

#![allow(dead_code, reason = "each test file uses a part of this")]
#![allow(clippy::expect_used, reason = "a failing step fails the test")]

pub(crate) mod second_process;

use std::path::{Path, PathBuf};

use kunci_domain::Session;
use kunci_domain::ports::{Inserted, SessionStore, Updated};
use kunci_sqlite::{
    SqliteAuditLog, SqliteOptions, SqliteSessionStore, SqliteStore, SqliteTokenStore, SqliteUserStore,
};
use kunci_testkit::samples::{start, values, visitor};
use tempfile::TempDir;

/// Returns a new folder, and the path of a database in it that does not exist yet.
pub(crate) fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("kunci.sqlite");
    (folder, path)
}

/// Opens a database with the default options.
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

pub(crate) fn tokens() -> (TempDir, SqliteTokenStore) {
    let (folder, path) = place();
    (folder, open(&path).tokens())
}

pub(crate) fn tokens_twice() -> (TempDir, SqliteTokenStore, SqliteTokenStore) {
    let (folder, path) = place();
    (folder, open(&path).tokens(), open(&path).tokens())
}

pub(crate) fn history() -> (TempDir, SqliteAuditLog) {
    let (folder, path) = place();
    (folder, open(&path).history())
}

pub(crate) fn history_twice() -> (TempDir, SqliteAuditLog, SqliteAuditLog) {
    let (folder, path) = place();
    (folder, open(&path).history(), open(&path).history())
}

/// Returns the path of the log of a database.
pub(crate) fn log_of(path: &Path) -> PathBuf {
    path.with_extension("sqlite-wal")
}

/// Updates a session of 32 kB as often as `times` says, and calls `between` after each update.
///
/// The text changes each time, because SQLite does not write unchanged pages.
#[track_caller]
pub(crate) fn write_much(sessions: &SqliteSessionStore, times: usize, mut between: impl FnMut()) {
    let mut session = visitor(1);
    assert_eq!(sessions.insert(&session).expect("insert"), Inserted::Done);
    for letter in ('a'..='z').cycle().take(times) {
        let text = letter.to_string().repeat(32_000);
        let changed = Session {
            data: values([("text", text.into())]),
            ..session.clone()
        };
        assert_eq!(sessions.update(&changed, start()).expect("update"), Updated::Done);
        session.revision = session.revision.next();
        between();
    }
}
