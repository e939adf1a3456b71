//! Where test databases live, a folder of their own which goes away with the test, and what many tests do.

#![allow(dead_code, reason = "every test file needs a part of this")]
#![allow(clippy::expect_used, reason = "a test that cannot go on fails")]

pub(crate) mod second_process;

use std::path::{Path, PathBuf};

use kunci_domain::Session;
use kunci_domain::ports::{Inserted, SessionStore, Updated};
use kunci_sqlite::{
    SqliteAuditLog, SqliteOptions, SqliteSessionStore, SqliteStore, SqliteTokenStore, SqliteUserStore,
};
use kunci_testkit::samples::{start, values, visitor};
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

/// The log beside a database.
pub(crate) fn log_of(path: &Path) -> PathBuf {
    path.with_extension("sqlite-wal")
}

/// Writes 36 kB into one session, so many times.
///
/// The text is another one each time, because what stays the same is not written again.
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
