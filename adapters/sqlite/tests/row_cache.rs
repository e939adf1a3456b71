//! A store never returns a row that is older than an acknowledged write, whichever process made the write.
//!
//! The tests race readers against a writer in this process or in a second one.

#![allow(clippy::expect_used, reason = "a failing step fails the test")]

mod support;

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use kunci_domain::ports::{AccountStore, Inserted, Rotated, SessionStore};
use kunci_domain::{Epoch, Session, Step, User};
use kunci_sqlite::{SqliteAccountStore, SqliteSessionStore};
use kunci_testkit::samples::{key, rotated, start, user, user_id, visitor};
use support::second_process::{SecondProcess, database_path, report};
use support::{commit, open, place};

const READERS: usize = 4;
const ROUNDS: u64 = 200;
/// The number of rounds that ends the race.
const OVER: u64 = u64::MAX;

/// Runs `write` for each round. Meanwhile readers call `check` with the number of acknowledged rounds.
fn race(mut write: impl FnMut(u64), check: impl Fn(u64) + Sync) {
    let acknowledged = AtomicU64::new(0);
    thread::scope(|scope| {
        for _ in 0..READERS {
            scope.spawn(|| {
                loop {
                    match acknowledged.load(Ordering::SeqCst) {
                        OVER => break,
                        rounds => check(rounds),
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

/// Checks that the session deleted last is not found. Sessions are deleted in the order of their numbers.
fn check_last_is_gone(sessions: &SqliteSessionStore, rounds: u64) {
    if let Some(last) = rounds.checked_sub(1) {
        assert!(!is_there(sessions, last), "session {last} is found after its end");
    }
    // These reads put the sessions that are deleted next into the cache.
    is_there(sessions, rounds);
    is_there(sessions, rounds + 1);
}

#[test]
fn deleted_session_is_never_found_again() {
    let (_folder, path) = place();
    let sessions = open(&path).sessions();
    fill(&sessions);
    race(
        |round| assert!(sessions.delete(&visitor(round)).expect("delete")),
        |rounds| check_last_is_gone(&sessions, rounds),
    );
}

#[test]
fn rotated_session_is_never_found_under_its_old_key() {
    let (_folder, path) = place();
    let sessions = open(&path).sessions();
    fill(&sessions);
    race(
        |round| {
            let new = rotated(&visitor(round), 1_000_000 + round);
            let outcome = sessions.rotate(&visitor(round), &new, start()).expect("rotate");
            assert_eq!(outcome, Rotated::Done);
        },
        |rounds| check_last_is_gone(&sessions, rounds),
    );
}

#[test]
fn session_deleted_by_another_process_is_never_found_again() {
    const TEST: &str = "session_deleted_by_another_process_is_never_found_again";
    if let Some(path) = database_path() {
        return serve_rounds(&path, |sessions, _, round| {
            assert!(sessions.delete(&visitor(round)).expect("delete"));
        });
    }
    let (_folder, path) = place();
    let store = open(&path);
    let sessions = store.sessions();
    fill(&sessions);
    let mut other = SecondProcess::start(TEST, &path);
    race(
        |round| {
            write_here_too(&sessions, round);
            run_round(&mut other, round);
        },
        |rounds| check_last_is_gone(&sessions, rounds),
    );
    other.finish();
}

#[test]
fn epoch_raised_by_another_process_is_seen_by_all_readers() {
    const TEST: &str = "epoch_raised_by_another_process_is_seen_by_all_readers";
    if let Some(path) = database_path() {
        return serve_rounds(&path, |_, accounts, _| {
            raise_epoch(accounts);
        });
    }
    let (_folder, path) = place();
    let store = open(&path);
    let (sessions, accounts) = (store.sessions(), store.accounts());
    commit(&accounts, Step::InsertUser(user(1, "ada")));
    let first = epoch(&accounts).as_i64();
    let mut other = SecondProcess::start(TEST, &path);
    race(
        |round| {
            write_here_too(&sessions, round);
            run_round(&mut other, round);
        },
        |rounds| {
            let seen = epoch(&accounts).as_i64() - first;
            assert!(rounds.cast_signed() <= seen, "{rounds} rounds, but epoch {seen}");
        },
    );
    other.finish();
}

#[test]
fn epoch_raised_by_this_process_is_seen_by_all_readers() {
    let (_folder, path) = place();
    let accounts = open(&path).accounts();
    commit(&accounts, Step::InsertUser(user(1, "ada")));
    let first = epoch(&accounts).as_i64();
    race(
        |_| raise_epoch(&accounts),
        |rounds| {
            let seen = epoch(&accounts).as_i64() - first;
            assert!(rounds.cast_signed() <= seen, "{rounds} rounds, but epoch {seen}");
        },
    );
}

/// Writes in this process too, so that the cache moves to states of its own.
fn write_here_too(sessions: &SqliteSessionStore, round: u64) {
    if round.is_multiple_of(3) {
        let passing: Session = visitor(2_000_000 + round);
        assert_eq!(sessions.insert(&passing).expect("insert"), Inserted::Done);
    }
}

fn run_round(other: &mut SecondProcess, round: u64) {
    other.send(&round.to_string());
    assert_eq!(other.receive(), "done");
}

/// The second process: does its work for each number that it receives.
fn serve_rounds(path: &Path, work: impl Fn(&SqliteSessionStore, &SqliteAccountStore, u64)) {
    let store = open(path);
    for line in std::io::stdin().lines() {
        let round = line.expect("a line").parse().expect("a number");
        work(&store.sessions(), &store.accounts(), round);
        report("done");
    }
}

fn epoch(accounts: &SqliteAccountStore) -> Epoch {
    found(accounts).epoch
}

fn raise_epoch(accounts: &SqliteAccountStore) {
    commit(accounts, Step::ReplaceUser(found(accounts).in_next_epoch()));
}

fn found(accounts: &SqliteAccountStore) -> User {
    accounts
        .find(user_id(1))
        .expect("find")
        .expect("the user is there")
}
