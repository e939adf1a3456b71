//! How much room a database takes: the file by the number of sessions, the log by nothing.

#![allow(clippy::expect_used, reason = "a test that cannot go on fails")]

mod support;

use std::path::Path;

use kunci_domain::ports::SessionStore;
use kunci_testkit::samples::{key, start, visitor};
use support::second_process::{Other, say, second_process};
use support::{log_of, open, place, write_much};

#[test]
fn a_session_takes_less_than_250_bytes_of_disk() {
    let (_folder, path) = place();
    let sessions = open(&path).sessions();
    std::thread::scope(|scope| {
        for thread in 0..20 {
            let sessions = &sessions;
            scope.spawn(move || {
                for number in thread * 500..(thread + 1) * 500 {
                    let _ = sessions.insert(&visitor(number)).expect("insert");
                }
            });
        }
    });
    drop(sessions);
    let size = std::fs::metadata(&path).expect("the file").len();
    assert!(size < 10_000 * 250, "10,000 sessions take {size} bytes");
}

/// The log begins anew from about 16 MB on, give or take what is written meanwhile.
#[track_caller]
fn assert_short(path: &Path) {
    let log = std::fs::metadata(log_of(path)).expect("the log").len();
    assert!(log < 26_000_000, "the log has grown to {log} bytes");
}

#[test]
fn the_log_does_not_grow_with_the_writes() {
    let (_folder, path) = place();
    let sessions = open(&path).sessions();
    // Somebody reads all the time, so that the anchor is held.
    write_much(&sessions, 900, || {
        assert!(sessions.find(&key(1), start()).expect("find").is_some());
    });
    assert_short(&path);
}

#[test]
fn a_process_that_reads_does_not_keep_the_log_of_another_long() {
    const TEST: &str = "a_process_that_reads_does_not_keep_the_log_of_another_long";
    if let Some(path) = second_process() {
        let sessions = open(&path).sessions();
        std::thread::spawn(move || while sessions.find(&key(1), start()).is_ok() {});
        say("reading");
        // It reads until it is told that nothing more will come.
        return drop(std::io::stdin().lines().next());
    }
    let (_folder, path) = place();
    let sessions = open(&path).sessions();
    let mut other = Other::start(TEST, &path);
    assert_eq!(other.hear(), "reading");
    write_much(&sessions, 2_500, || {});
    other.finish();
    assert_short(&path);
}
