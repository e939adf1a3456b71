//! Files that another program deletes, replaces or truncates while the database is open.

#![cfg(target_os = "linux")]
#![allow(clippy::expect_used, reason = "a failing step fails the test")]

mod support;

use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use kunci_domain::ports::{AccountStore, Health, Inserted, SessionCheck, SessionStore, StoreError};
use kunci_sqlite::SqliteStore;
use kunci_testkit::samples::{key, signed_in, start, user_id, visitor};
use rusqlite::Connection;
use support::{open, place};

/// The longest time until reads fail.
const SECOND: Duration = Duration::from_secs(1);

/// Returns the path of a file beside the database, such as its log.
fn companion(path: &Path, suffix: &str) -> PathBuf {
    PathBuf::from(format!("{}{suffix}", path.display()))
}

fn remove(path: &Path) {
    fs::remove_file(path).expect("the file is there");
}

fn remove_all(path: &Path) {
    for suffix in ["", "-wal", "-shm"] {
        remove(&companion(path, suffix));
    }
}

fn truncate(path: &Path, length: u64) {
    let file = OpenOptions::new()
        .write(true)
        .open(path)
        .expect("the file is there");
    file.set_len(length).expect("it can be truncated");
}

/// Keeps the first half of the file.
fn halve(path: &Path) {
    let file = fs::metadata(path).expect("the file is there");
    truncate(path, file.len() / 2);
}

/// Copies the log into the database, so that the database file has all pages. Tries again while the store
/// itself does so.
fn checkpoint(path: &Path, mode: &str) {
    let other = Connection::open(path).expect("a connection");
    let sql = format!("PRAGMA wal_checkpoint({mode})");
    let is_blocked = || other.query_row(&sql, [], |row| row.get(0)).expect("checkpoint");
    while is_blocked() {}
}

/// Moves the file away and copies it back, so that only its inode differs.
fn replace(path: &Path) {
    let old = companion(path, "-old");
    fs::rename(path, &old).expect("the file is there");
    fs::copy(&old, path).expect("it can be copied");
}

type Damage = (&'static str, fn(&Path));

const DAMAGES: &[Damage] = &[
    ("database deleted", remove),
    ("database replaced", replace),
    ("database emptied", |path| truncate(path, 0)),
    ("database truncated", halve),
    ("all files deleted", remove_all),
    ("log deleted", |path| remove(&companion(path, "-wal"))),
    ("log replaced", |path| replace(&companion(path, "-wal"))),
    ("log emptied", |path| truncate(&companion(path, "-wal"), 0)),
    ("log truncated", |path| halve(&companion(path, "-wal"))),
    ("index deleted", |path| remove(&companion(path, "-shm"))),
    ("index emptied", |path| truncate(&companion(path, "-shm"), 0)),
    ("index truncated", |path| {
        truncate(&companion(path, "-shm"), 4_096)
    }),
];

fn insert(store: &SqliteStore, number: u64) -> Result<Inserted, StoreError> {
    store.sessions().insert(&signed_in(number, user_id(1)))
}

/// Opens a database with all pages in its file, and the last ones in its log too.
fn open_with_a_session(path: &Path) -> SqliteStore {
    let store = open(path);
    assert_eq!(insert(&store, 1).expect("insert"), Inserted::Done);
    checkpoint(path, "PASSIVE");
    Health::check(&store).expect("it is healthy");
    store
}

fn is_unavailable<T>(answer: &Result<T, StoreError>) -> bool {
    matches!(answer, Err(StoreError::Unavailable { .. }))
}

#[test]
fn lost_file_refuses_the_next_write_and_all_reads() {
    for (damage, act) in DAMAGES {
        let (_folder, path) = place();
        let store = open_with_a_session(&path);
        act(&path);
        assert!(is_unavailable(&insert(&store, 2)), "{damage}");
        assert!(
            is_unavailable(&store.sessions().find(&key(1), start())),
            "{damage}"
        );
        let check = store.session_check();
        assert!(
            is_unavailable(&SessionCheck::check(&check, &key(1), start())),
            "{damage}"
        );
        assert!(is_unavailable(&store.accounts().find(user_id(1))), "{damage}");
        assert!(is_unavailable(&Health::check(&store)), "{damage}");
    }
}

#[test]
fn lost_file_refuses_reads_within_a_second_without_a_write() {
    for (damage, act) in DAMAGES {
        let (_folder, path) = place();
        let store = open_with_a_session(&path);
        let sessions = store.sessions();
        assert!(sessions.find(&key(1), start()).expect("find").is_some());
        act(&path);
        let lost = Instant::now();
        while !is_unavailable(&sessions.find(&key(1), start())) {
            assert!(lost.elapsed() < SECOND, "{damage}: reads go on");
        }
    }
}

/// Other processes may shorten the files through SQLite, such as a backup tool or an operator.
#[test]
fn files_that_sqlite_shortens_are_not_lost() {
    let (_folder, path) = place();
    let store = open(&path);
    for number in 0..200 {
        assert_eq!(insert(&store, number).expect("insert"), Inserted::Done);
    }
    checkpoint(&path, "PASSIVE");
    let full = fs::metadata(&path).expect("the database is there").len();
    Health::check(&store).expect("it is healthy");
    store.sessions().delete_all_of(user_id(1)).expect("delete");
    let other = Connection::open(&path).expect("a connection");
    other.execute_batch("VACUUM").expect("vacuum");
    checkpoint(&path, "TRUNCATE");
    let length = |path: &Path| fs::metadata(path).expect("the file is there").len();
    assert!(length(&path) < full);
    assert_eq!(length(&companion(&path, "-wal")), 0);
    Health::check(&store).expect("it is healthy");
    for number in 0..200 {
        assert_eq!(insert(&store, number).expect("insert"), Inserted::Done);
    }
    Health::check(&store).expect("it is healthy");
}

#[test]
fn closing_leaves_truncated_files_alone() {
    for suffix in ["", "-wal"] {
        let (_folder, path) = place();
        let store = open(&path);
        assert_eq!(insert(&store, 1).expect("insert"), Inserted::Done);
        let file = companion(&path, suffix);
        halve(&file);
        let length = fs::metadata(&file).expect("the file is there").len();
        drop(store);
        assert_eq!(fs::metadata(&file).expect("the file is there").len(), length);
        assert!(companion(&path, "-wal").exists(), "{suffix}");
    }
}

#[test]
fn closing_a_replaced_database_leaves_the_new_one_alone() {
    let (_folder, path) = place();
    let old = open(&path);
    assert_eq!(insert(&old, 1).expect("insert"), Inserted::Done);
    remove_all(&path);
    let new = open(&path);
    assert_eq!(insert(&new, 2).expect("insert"), Inserted::Done);
    drop(old);
    let log = fs::metadata(companion(&path, "-wal")).expect("the log of the new database is there");
    assert!(0 < log.len());
    let reader = Connection::open(&path).expect("a connection");
    let count = reader.query_row("SELECT count(*) FROM sessions", [], |row| row.get(0));
    assert_eq!(count, Ok(1));
}

/// SQLite itself leaves the log alone if the database was replaced. Otherwise it removes whatever has the name of
/// the log, when no other process has the database open.
#[test]
fn closing_leaves_the_log_of_another_process_alone() {
    for replaced in ["-wal", "-shm"] {
        let (_folder, path) = place();
        let store = open(&path);
        assert_eq!(insert(&store, 1).expect("insert"), Inserted::Done);
        let file = companion(&path, replaced);
        remove(&file);
        fs::write(&file, "of another process").expect("write");
        drop(store);
        assert!(companion(&path, "-wal").exists(), "{replaced}");
    }
}

#[test]
fn closing_saves_the_content_of_a_deleted_log() {
    let (_folder, path) = place();
    let store = open(&path);
    assert_eq!(
        store.sessions().insert(&visitor(1)).expect("insert"),
        Inserted::Done
    );
    remove(&companion(&path, "-wal"));
    drop(store);
    assert!(
        open(&path)
            .sessions()
            .find(&key(1), start())
            .expect("find")
            .is_some()
    );
}
