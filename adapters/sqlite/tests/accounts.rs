//! A change of accounts is stored as a whole or not at all, even if the process is killed or the disk is full.

#![allow(clippy::expect_used, reason = "a failing step fails the test")]

mod support;

use std::path::Path;
use std::thread;
use std::time::Duration;

use kunci_domain::ports::{AccountStore, Committed, StoreError};
use kunci_domain::{
    AccountChange, Actor, BudgetKind, BudgetOwner, Device, Epoch, Event, EventKind, Interface, Purpose, Step,
    UsedBudget,
};
use kunci_sqlite::{SqliteAccountStore, SqliteOptions, SqliteStore};
use kunci_testkit::samples::{budget_key, event, link_key, start, token_for, user, user_id};
use rusqlite::Connection;
use support::second_process::{SecondProcess, database_path, report};
use support::{commit, open, place};

fn is_unavailable<T>(answer: &Result<T, StoreError>) -> bool {
    matches!(answer, Err(StoreError::Unavailable { store: "sqlite", .. }))
}

/// Returns a change that inserts a user with a link to reset the password and an event.
fn sign_up(number: u64) -> AccountChange {
    sign_up_with(number, event(user_id(number), 0, EventKind::SignedUp))
}

fn sign_up_with(number: u64, event: Event) -> AccountChange {
    let link = token_for(number, user_id(number), Purpose::ResetPassword);
    AccountChange::from(Step::InsertUser(user(number, &format!("user-{number}"))))
        .and(Step::IssueLink(link))
        .and(Step::AppendEvent(event))
}

/// Returns a change that spends the link of [`sign_up`], replaces the user and appends an event.
fn reset(number: u64) -> AccountChange {
    let changed = user(number, &format!("user-{number}")).in_next_epoch();
    AccountChange::from(Step::SpendLink(link_key(number), Purpose::ResetPassword))
        .and(Step::ReplaceUser(changed))
        .and(Step::AppendEvent(event(
            user_id(number),
            1,
            EventKind::PasswordReset,
        )))
}

/// The changes of one user that are stored.
#[derive(Debug, PartialEq, Eq)]
enum Stored {
    Nothing,
    SignUp,
    Reset,
}

/// Returns the stored changes of one user. The test fails if a part of a change is stored.
#[track_caller]
fn stored(accounts: &SqliteAccountStore, number: u64) -> Stored {
    let id = user_id(number);
    let user = accounts.find(id).expect("find");
    let link = accounts.find_link(&link_key(number), start()).expect("find_link");
    let events = accounts.events(id, 0, 10).expect("events").len();
    match (user.map(|user| user.revision.as_i64()), link.is_some(), events) {
        (None, false, 0) => Stored::Nothing,
        (Some(0), true, 1) => Stored::SignUp,
        (Some(1), false, 2) => Stored::Reset,
        part => panic!("a part of the changes of user {number} is stored: {part:?}"),
    }
}

/// The threads of the process that is killed. Their changes share transactions.
const THREADS: u64 = 4;

/// Each thread of each round numbers its users from a multiple of this.
const NUMBERS: u64 = 1_000_000;

#[test]
fn kill_leaves_each_change_whole_or_absent() {
    const TEST: &str = "kill_leaves_each_change_whole_or_absent";
    const KILLS: u64 = 20;
    if let Some(path) = database_path() {
        return change_until_killed(&path);
    }
    let (_folder, path) = place();
    for round in 0..KILLS {
        let mut other = SecondProcess::start(TEST, &path);
        other.send(&round.to_string());
        let mut acknowledged: Vec<String> = (0..=round * 7 % KILLS).map(|_| other.receive()).collect();
        acknowledged.extend(other.kill_and_read());
        check_round(&open(&path).accounts(), round, &acknowledged);
    }
}

/// The second process: reports each number after it has committed both changes of that user.
fn change_until_killed(path: &Path) {
    let accounts = open(path).accounts();
    let mut lines = std::io::stdin().lines().map(|line| line.expect("a line"));
    let round: u64 = lines.next().expect("the round").parse().expect("a number");
    thread::scope(|scope| {
        for first in first_numbers(round) {
            let accounts = &accounts;
            scope.spawn(move || {
                for number in first.. {
                    commit(accounts, sign_up(number));
                    commit(accounts, reset(number));
                    report(&number.to_string());
                }
            });
        }
    });
}

/// Returns the first number of each thread of a round.
fn first_numbers(round: u64) -> impl Iterator<Item = u64> {
    (0..THREADS).map(move |thread| (round * THREADS + thread) * NUMBERS)
}

/// Checks all users of a round. Each thread had at most one unacknowledged change when it was killed.
fn check_round(accounts: &SqliteAccountStore, round: u64, acknowledged: &[String]) {
    let acknowledged: Vec<u64> = acknowledged
        .iter()
        .map(|line| line.parse().expect("a number"))
        .collect();
    for first in first_numbers(round) {
        let numbers = acknowledged
            .iter()
            .filter(|number| (first..first + NUMBERS).contains(number));
        let end = numbers.max().map_or(first, |last| last + 1);
        for number in first..end {
            assert!(acknowledged.contains(&number), "{number} was not reported");
            assert_eq!(stored(accounts, number), Stored::Reset, "user {number} is lost");
        }
        stored(accounts, end);
        assert_eq!(stored(accounts, end + 1), Stored::Nothing);
    }
}

#[test]
fn event_without_target_keeps_its_actor() {
    let (_folder, path) = place();
    let created = Event {
        actor: Actor::Administrator(user_id(7), Interface::Api),
        target: None,
        ..event(user_id(1), 0, EventKind::InvitationCreated)
    };
    commit(&open(&path).accounts(), Step::AppendEvent(created));
    let connection = Connection::open(&path).expect("a connection");
    let sql = "SELECT actor, actor_id, target_id, kind FROM events";
    let row: (String, i64, Option<i64>, String) = connection
        .query_row(sql, [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .expect("one row");
    let id = user_id(7).as_i64();
    assert_eq!(row, ("api".to_owned(), id, None, "invitation_created".to_owned()));
}

/// Returns a change of about 4 kB, most of it in the last step.
fn large(number: u64) -> AccountChange {
    let device = Device::from_stored("x".repeat(4_000), None);
    let event = event(user_id(number), 0, EventKind::SignedUp);
    sign_up_with(number, Event { device, ..event })
}

#[test]
fn full_file_leaves_each_change_whole_or_absent() {
    let (_folder, path) = place();
    let mut options = SqliteOptions::default();
    options.max_bytes = Some(300_000);
    let store = SqliteStore::open(&path, options).expect("the database opens");
    let accounts = store.accounts();
    let answers = commit_in_threads(&accounts);
    let (done, failed): (Vec<_>, Vec<_>) = answers.into_iter().partition(|(_, answer)| answer.is_ok());
    assert!(10 < done.len() && 10 < failed.len(), "{} were done", done.len());
    for (number, answer) in &done {
        assert!(matches!(answer, Ok(Committed::Done)), "{number}: {answer:?}");
        assert_eq!(stored(&accounts, *number), Stored::SignUp);
    }
    for (number, answer) in &failed {
        assert!(is_unavailable(answer), "{number}: {answer:?}");
        assert_eq!(stored(&accounts, *number), Stored::Nothing);
    }
    // A deletion needs no space and frees some.
    for (number, _) in &done[..4] {
        commit(&accounts, Step::DeleteUser(user_id(*number)));
        assert_eq!(stored(&accounts, *number), Stored::Nothing);
    }
    commit(&accounts, large(5_000));
}

/// Commits large changes in eight threads, and returns their numbers with the answers.
fn commit_in_threads(accounts: &SqliteAccountStore) -> Vec<(u64, Result<Committed, StoreError>)> {
    let run = |thread: u64| {
        let numbers = thread * 100..thread * 100 + 30;
        let commit = |number| (number, accounts.commit(&large(number), start()));
        numbers.map(commit).collect::<Vec<_>>()
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|thread| scope.spawn(move || run(thread))).collect();
        let answers = threads.into_iter().map(|thread| thread.join().expect("a thread"));
        answers.flatten().collect()
    })
}

#[test]
fn changes_fail_while_another_process_holds_the_lock() {
    let (_folder, path) = place();
    let mut options = SqliteOptions::default();
    options.busy_timeout = Duration::from_millis(60);
    let store = SqliteStore::open(&path, options).expect("the database opens");
    let accounts = store.accounts();
    commit(&accounts, sign_up(1));
    let holder = Connection::open(&path).expect("a connection");
    holder.execute_batch("BEGIN IMMEDIATE").expect("the lock");
    assert!(is_unavailable(&accounts.commit(&reset(1), start())));
    assert!(is_unavailable(&accounts.commit(&sign_up(2), start())));
    assert!(is_unavailable(&accounts.purge(start(), start(), 10)));
    assert_eq!(stored(&accounts, 1), Stored::SignUp);
    drop(holder);
    assert_eq!(stored(&accounts, 2), Stored::Nothing);
    commit(&accounts, reset(1));
    assert_eq!(stored(&accounts, 1), Stored::Reset);
}

#[test]
fn budgets_survive_reopening() {
    let (_folder, path) = place();
    let used = Some(UsedBudget {
        full_at: start(),
        epoch: Epoch::from_stored(3),
    });
    let owners = [
        BudgetOwner::Account(user(1, "ada").id),
        BudgetOwner::Unknown(budget_key(1)),
    ];
    let store = open(&path);
    commit(&store.accounts(), Step::InsertUser(user(1, "ada")));
    for owner in owners {
        let write = Step::WriteBudget {
            owner,
            kind: BudgetKind::Guesses,
            from: None,
            to: used,
        };
        commit(&store.accounts(), write);
    }
    drop(store);
    let accounts = open(&path).accounts();
    for owner in owners {
        let found = accounts
            .find_budget(&owner, BudgetKind::Guesses)
            .expect("find_budget");
        assert_eq!(found, used, "{owner:?}");
    }
}
