//! The disk space of a database: bytes per session in the file, and a bound for the log.

#![allow(clippy::expect_used, reason = "a failing step fails the test")]

mod support;

use std::path::Path;

use kunci_domain::ports::SessionStore;
use kunci_domain::{Device, Session, SessionData};
use kunci_testkit::samples::{key, signed_in, start, user_id, visitor};
use support::second_process::{SecondProcess, database_path, report};
use support::{log_of, open, place, write_much};

#[test]
fn visitor_session_takes_less_than_160_bytes_of_disk() {
    assert_takes_less_than(160, visitor);
}

#[test]
fn signed_in_browser_session_takes_less_than_250_bytes_of_disk() {
    const BROWSER: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                           Chrome/146.0.0.0 Safari/537.36 Edg/146.0.0.0";
    assert_takes_less_than(250, |number| Session {
        data: SessionData::default(),
        device: Device::new(BROWSER, Some([192, 0, 2, 7].into())),
        ..signed_in(number, user_id(number))
    });
}

/// Checks the size of a database of 10,000 sessions.
#[track_caller]
fn assert_takes_less_than(bytes: u64, session: impl Fn(u64) -> Session + Sync) {
    let (_folder, path) = place();
    let sessions = open(&path).sessions();
    std::thread::scope(|scope| {
        for thread in 0..20 {
            let (sessions, session) = (&sessions, &session);
            scope.spawn(move || {
                for number in thread * 500..(thread + 1) * 500 {
                    let _ = sessions.insert(&session(number)).expect("insert");
                }
            });
        }
    });
    drop(sessions);
    let size = std::fs::metadata(&path).expect("the file").len();
    assert!(size < 10_000 * bytes, "10,000 sessions take {size} bytes");
}

/// Checks the size of the log. SQLite restarts it from about 16 MB on.
#[track_caller]
fn assert_short(path: &Path) {
    let log = std::fs::metadata(log_of(path)).expect("the log").len();
    assert!(log < 26_000_000, "the log has grown to {log} bytes");
}

#[test]
fn log_does_not_grow_with_the_number_of_writes() {
    let (_folder, path) = place();
    let sessions = open(&path).sessions();
    // A reader is active between the writes.
    write_much(&sessions, 900, || {
        assert!(sessions.find(&key(1), start()).expect("find").is_some());
    });
    assert_short(&path);
}

#[test]
fn reading_process_does_not_keep_the_log_long() {
    const TEST: &str = "reading_process_does_not_keep_the_log_long";
    if let Some(path) = database_path() {
        let sessions = open(&path).sessions();
        std::thread::spawn(move || while sessions.find(&key(1), start()).is_ok() {});
        report("reading");
        // It reads until its input is closed.
        return drop(std::io::stdin().lines().next());
    }
    let (_folder, path) = place();
    let sessions = open(&path).sessions();
    let mut other = SecondProcess::start(TEST, &path);
    assert_eq!(other.receive(), "reading");
    write_much(&sessions, 2_500, || {});
    other.finish();
    assert_short(&path);
}
