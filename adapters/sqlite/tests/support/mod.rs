//! Temporary folders for test databases, and steps that many tests share.

#![allow(dead_code, reason = "each test file uses a part of this")]
#![allow(clippy::expect_used, reason = "a failing step fails the test")]

pub(crate) mod second_process;

use std::path::{Path, PathBuf};

use kunci_domain::ports::{AccountStore, Committed, Inserted, SessionStore, Updated};
use kunci_domain::{AccountChange, Session};
use kunci_sqlite::{SqliteAccountStore, SqliteOptions, SqliteSessionCheck, SqliteSessionStore, SqliteStore};
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

pub(crate) fn accounts() -> (TempDir, SqliteAccountStore) {
    let (folder, path) = place();
    (folder, open(&path).accounts())
}

pub(crate) fn accounts_twice() -> (TempDir, SqliteAccountStore, SqliteAccountStore) {
    let (folder, path) = place();
    (folder, open(&path).accounts(), open(&path).accounts())
}

/// Commits a step or a change that the store must accept.
#[track_caller]
pub(crate) fn commit(accounts: &SqliteAccountStore, change: impl Into<AccountChange>) {
    let committed = accounts.commit(&change.into(), start()).expect("commit");
    assert_eq!(committed, Committed::Done);
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

/// Opens a fresh database, and returns its session check and stores.
pub(crate) fn checked() -> (
    TempDir,
    SqliteSessionCheck,
    Box<SqliteSessionStore>,
    Box<SqliteAccountStore>,
) {
    let (folder, path) = place();
    let store = open(&path);
    let (sessions, accounts) = (Box::new(store.sessions()), Box::new(store.accounts()));
    (folder, store.session_check(), sessions, accounts)
}
