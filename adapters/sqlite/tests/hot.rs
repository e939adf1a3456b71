//! What a store has read before is never given out once a write that changed it was acknowledged, whichever
//! process made it: races of readers that ask all the time with writers here and in a second process.

#![allow(clippy::expect_used, reason = "a test that cannot go on fails")]

mod support;

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use kunci_domain::ports::{Inserted, Rotated, SessionStore, Updated, UserInserted, UserStore};
use kunci_domain::{Epoch, Session, User};
use kunci_sqlite::{SqliteSessionStore, SqliteUserStore};
use kunci_testkit::samples::{key, rotated, start, user, user_id, visitor};
use support::second_process::{Other, say, second_process};
use support::{open, place};

const READERS: usize = 4;
const ROUNDS: u64 = 200;
/// Counts up to here are no rounds: the race is over.
const OVER: u64 = u64::MAX;

/// Runs `write` for each round, while readers check `holds` with the number of rounds that were acknowledged
/// before they asked.
fn race(mut write: impl FnMut(u64), holds: impl Fn(u64) + Sync) {
    let acknowledged = AtomicU64::new(0);
    thread::scope(|scope| {
        for _ in 0..READERS {
            scope.spawn(|| {
                loop {
                    match acknowledged.load(Ordering::SeqCst) {
                        OVER => break,
                        rounds => holds(rounds),
                    }
                }
            });
        }
        for round in 0..ROUNDS {
            write(round);
            acknowledged.store(round + 1, Ordering::SeqCst);
        }
        acknowledged.store(OVER, Ordering::SeqCst);
    });
}

fn fill(sessions: &SqliteSessionStore) {
    for number in 0..ROUNDS {
        assert_eq!(sessions.insert(&visitor(number)).expect("insert"), Inserted::Done);
        assert!(is_there(sessions, number));
    }
}

fn is_there(sessions: &SqliteSessionStore, number: u64) -> bool {
    sessions.find(&key(number), start()).expect("find").is_some()
}

/// Of the sessions that are deleted in their order, the last that was must be gone, and the next but one be there.
fn the_last_is_gone(sessions: &SqliteSessionStore, rounds: u64) {
    if let Some(last) = rounds.checked_sub(1) {
        assert!(!is_there(sessions, last), "session {last} was signed out");
    }
    // Asked for, so that the writer meets it where it is kept.
    is_there(sessions, rounds);
    is_there(sessions, rounds + 1);
}

#[test]
fn a_session_that_was_signed_out_is_never_found_again() {
    let (_folder, path) = place();
    let sessions = open(&path).sessions();
    fill(&sessions);
    race(
        |round| assert!(sessions.delete(&visitor(round)).expect("delete")),
        |rounds| the_last_is_gone(&sessions, rounds),
    );
}

#[test]
fn a_session_that_was_rotated_away_is_never_found_again() {
    let (_folder, path) = place();
    let sessions = open(&path).sessions();
    fill(&sessions);
    race(
        |round| {
            let new = rotated(&visitor(round), 1_000_000 + round);
            let outcome = sessions.rotate(&visitor(round), &new, start()).expect("rotate");
            assert_eq!(outcome, Rotated::Done);
        },
        |rounds| the_last_is_gone(&sessions, rounds),
    );
}

#[test]
fn a_session_that_another_process_signed_out_is_never_found_again() {
    const TEST: &str = "a_session_that_another_process_signed_out_is_never_found_again";
    if let Some(path) = second_process() {
        return do_as_told(&path, |sessions, _, round| {
            assert!(sessions.delete(&visitor(round)).expect("delete"));
        });
    }
    let (_folder, path) = place();
    let store = open(&path);
    let sessions = store.sessions();
    fill(&sessions);
    let mut other = Other::start(TEST, &path);
    race(
        |round| {
            write_here_too(&sessions, round);
            have_done(&mut other, round);
        },
        |rounds| the_last_is_gone(&sessions, rounds),
    );
    other.finish();
}

#[test]
fn an_epoch_that_another_process_raised_is_seen_by_everybody() {
    const TEST: &str = "an_epoch_that_another_process_raised_is_seen_by_everybody";
    if let Some(path) = second_process() {
        return do_as_told(&path, |_, users, _| {
            raise_epoch(users);
        });
    }
    let (_folder, path) = place();
    let store = open(&path);
    let (sessions, users) = (store.sessions(), store.users());
    assert_eq!(users.insert(&user(1, "ada")).expect("insert"), UserInserted::Done);
    let first = epoch(&users).as_i64();
    let mut other = Other::start(TEST, &path);
    race(
        |round| {
            write_here_too(&sessions, round);
            have_done(&mut other, round);
        },
        |rounds| {
            let seen = epoch(&users).as_i64() - first;
            assert!(rounds.cast_signed() <= seen, "{rounds} rounds, but epoch {seen}");
        },
    );
    other.finish();
}

#[test]
fn an_epoch_that_was_raised_here_is_seen_by_everybody() {
    let (_folder, path) = place();
    let users = open(&path).users();
    assert_eq!(users.insert(&user(1, "ada")).expect("insert"), UserInserted::Done);
    let first = epoch(&users).as_i64();
    race(
        |_| raise_epoch(&users),
        |rounds| {
            let seen = epoch(&users).as_i64() - first;
            assert!(rounds.cast_signed() <= seen, "{rounds} rounds, but epoch {seen}");
        },
    );
}

/// A write of this process in between, so that it goes on to new states of its own, too.
fn write_here_too(sessions: &SqliteSessionStore, round: u64) {
    if round.is_multiple_of(3) {
        let passing: Session = visitor(2_000_000 + round);
        assert_eq!(sessions.insert(&passing).expect("insert"), Inserted::Done);
    }
}

fn have_done(other: &mut Other, round: u64) {
    other.tell(&round.to_string());
    assert_eq!(other.hear(), "done");
}

/// The second process: does its work for each number that it is told.
fn do_as_told(path: &Path, work: impl Fn(&SqliteSessionStore, &SqliteUserStore, u64)) {
    let store = open(path);
    for line in std::io::stdin().lines() {
        let round = line.expect("a line").parse().expect("a number");
        work(&store.sessions(), &store.users(), round);
        say("done");
    }
}

fn epoch(users: &SqliteUserStore) -> Epoch {
    found(users).epoch
}

fn raise_epoch(users: &SqliteUserStore) {
    let outcome = users.update(&found(users).in_next_epoch()).expect("update");
    assert_eq!(outcome, Updated::Done);
}

fn found(users: &SqliteUserStore) -> User {
    users.find(user_id(1)).expect("find").expect("the user is there")
}
