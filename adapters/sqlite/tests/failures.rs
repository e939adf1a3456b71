//! Writes that cannot be done fail with an error, and the store recovers.

#![allow(clippy::expect_used, reason = "a failing step fails the test")]

mod support;

use std::path::Path;
use std::time::{Duration, Instant};

use kunci_domain::ports::{AccountStore, Inserted, SessionStore, StoreError, Touched};
use kunci_domain::{EventKind, OneTimeToken, Purpose, Session, SessionKey, Step, Timestamp};
use kunci_sqlite::{SqliteOptions, SqliteSessionStore, SqliteStore};
use kunci_testkit::samples::{
    event, key, neighbour, signed_in, start, start_plus, token_for, user, user_id, values, visitor,
};
use rusqlite::Connection;
use support::{commit, open, place};

fn is_unavailable<T>(answer: &Result<T, StoreError>) -> bool {
    matches!(answer, Err(StoreError::Unavailable { store: "sqlite", .. }))
}

/// Opens a store with a short busy timeout.
fn open_with_short_timeout(path: &Path) -> SqliteStore {
    let mut options = SqliteOptions::default();
    options.busy_timeout = Duration::from_millis(60);
    SqliteStore::open(path, options).expect("the database opens")
}

#[track_caller]
fn add(sessions: &SqliteSessionStore, session: &Session) {
    assert_eq!(sessions.insert(session).expect("insert"), Inserted::Done);
}

#[track_caller]
fn last_seen(sessions: &SqliteSessionStore, key: &SessionKey) -> Option<Timestamp> {
    sessions
        .find(key, start())
        .expect("find")
        .map(|found| found.last_seen_at)
}

/// Holds the write lock, like another process in the middle of a write.
fn lock(path: &Path) -> Connection {
    let connection = Connection::open(path).expect("a connection");
    connection.execute_batch("BEGIN IMMEDIATE").expect("the lock");
    connection
}

#[test]
fn session_writes_fail_while_another_process_holds_the_lock() {
    let (_folder, path) = place();
    let sessions = open_with_short_timeout(&path).sessions();
    let session = signed_in(1, user_id(1));
    add(&sessions, &session);
    let holder = lock(&path);
    let begun = Instant::now();
    assert!(is_unavailable(&sessions.insert(&visitor(2))));
    assert!(is_unavailable(&sessions.update(&session, start())));
    assert!(is_unavailable(&sessions.rotate(&session, &visitor(3), start())));
    assert!(is_unavailable(&sessions.delete(&session)));
    assert!(is_unavailable(&sessions.delete_all_of(user_id(1))));
    assert!(is_unavailable(&sessions.purge_expired(Timestamp::MAX, 10)));
    assert!(Duration::from_millis(6 * 60) <= begun.elapsed());
    assert_eq!(
        sessions.find(&session.key, start()).expect("find"),
        Some(session.clone())
    );
    drop(holder);
    assert_eq!(sessions.insert(&visitor(2)).expect("insert"), Inserted::Done);
    assert_eq!(sessions.find(&key(3), start()).expect("find"), None);
    assert!(sessions.delete(&session).expect("delete"));
}

#[test]
fn account_writes_fail_while_another_process_holds_the_lock() {
    let (_folder, path) = place();
    let accounts = open_with_short_timeout(&path).accounts();
    let ada = user(1, "ada");
    let (link, later) = (
        token_for(1, ada.id, Purpose::SignIn),
        token_for(2, ada.id, Purpose::SignIn),
    );
    let signed_in = event(ada.id, 0, EventKind::SignedIn);
    commit(&accounts, Step::InsertUser(ada.clone()));
    commit(&accounts, Step::IssueLink(link.clone()));
    commit(&accounts, Step::AppendEvent(signed_in.clone()));
    let holder = lock(&path);
    for step in [
        Step::RequireNoUsers,
        Step::InsertUser(user(2, "grace")),
        Step::ReplaceUser(ada.clone().in_next_epoch()),
        Step::DeleteUser(ada.id),
        Step::IssueLink(later.clone()),
        Step::SpendLink(link.key, link.purpose),
        Step::RevokeLink(link.key),
        Step::RevokeLinksFor(link.purpose),
        Step::AppendEvent(signed_in.clone()),
    ] {
        let answer = accounts.commit(&step.clone().into(), start());
        assert!(is_unavailable(&answer), "{step:?}: {answer:?}");
    }
    assert!(is_unavailable(&accounts.purge(
        Timestamp::MAX,
        Timestamp::MAX,
        10
    )));
    drop(holder);
    let found = |link: &OneTimeToken| accounts.find_link(&link.key, start()).expect("find_link");
    assert_eq!(found(&link), Some(link.clone()));
    assert_eq!(accounts.events(ada.id, 0, 10).expect("events"), [signed_in]);
    assert_eq!(accounts.list(None, 10).expect("list"), [ada]);
    commit(&accounts, Step::IssueLink(later));
    assert_eq!(found(&link), None);
}

#[test]
fn touches_never_wait_and_are_written_later() {
    let (_folder, path) = place();
    let sessions = open(&path).sessions();
    add(&sessions, &visitor(1));
    add(&sessions, &visitor(2));
    let holder = lock(&path);
    // Many more than the queue has places: a busy session must not take the places of others.
    for millis in 1..5_000 {
        assert_eq!(
            sessions.touch(&key(1), start_plus(millis)).expect("touch"),
            Touched::Done
        );
    }
    assert_eq!(
        sessions.touch(&key(2), start_plus(7)).expect("touch"),
        Touched::Done
    );
    drop(holder);
    assert!(!sessions.delete(&visitor(3)).expect("delete"));
    assert!(Some(start()) < last_seen(&sessions, &key(1)));
    assert_eq!(last_seen(&sessions, &key(2)), Some(start_plus(7)));
}

#[test]
fn touches_beyond_the_queue_are_dropped() {
    let (_folder, path) = place();
    let mut options = SqliteOptions::default();
    options.queue = 4;
    let sessions = SqliteStore::open(&path, options)
        .expect("the database opens")
        .sessions();
    (0..100).for_each(|number| add(&sessions, &visitor(number)));
    let holder = lock(&path);
    for number in 0..100 {
        assert_eq!(
            sessions.touch(&key(number), start_plus(9)).expect("touch"),
            Touched::Done
        );
    }
    drop(holder);
    assert!(!sessions.delete(&visitor(1_000)).expect("delete"));
    let written = (0..100)
        .filter(|number| last_seen(&sessions, &key(*number)) == Some(start_plus(9)))
        .count();
    assert!((1..=20).contains(&written), "{written} touches were written");
}

/// Opens a store whose file has a size limit.
fn open_limited(path: &Path, bytes: u64) -> SqliteStore {
    let mut options = SqliteOptions::default();
    options.max_bytes = Some(bytes);
    SqliteStore::open(path, options).expect("the database opens")
}

#[test]
fn full_file_refuses_new_and_keeps_acknowledged_sessions() {
    let (_folder, path) = place();
    let store = open_limited(&path, 300_000);
    let sessions = store.sessions();
    let answers = std::thread::scope(|scope| {
        let run = |thread: u64| {
            let sessions = &sessions;
            move || {
                let insert = |number| (number, sessions.insert(&large(number)));
                (thread * 100..thread * 100 + 30).map(insert).collect::<Vec<_>>()
            }
        };
        let threads: Vec<_> = (0..8).map(|thread| scope.spawn(run(thread))).collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().expect("a thread"))
            .collect::<Vec<_>>()
    });
    let acknowledged = answers.iter().filter(|(_, answer)| answer.is_ok()).count();
    assert!(
        (10..200).contains(&acknowledged),
        "{acknowledged} inserts were acknowledged"
    );
    for (number, answer) in &answers {
        let found = sessions.find(&key(*number), start()).expect("find");
        assert_eq!(found.is_some(), answer.is_ok(), "session {number}: {answer:?}");
        assert!(answer.is_ok() || is_unavailable(answer));
    }
    // Signing out needs no space and frees some.
    assert!(0 < sessions.delete_all_of(user_id(1)).expect("delete_all_of"));
    add(&sessions, &large(5_000));
    drop((store, sessions));
    let unlimited = open(&path).sessions();
    (6_000..6_100).for_each(|number| add(&unlimited, &large(number)));
}

/// Returns a signed-in session of about 4 kB.
fn large(number: u64) -> Session {
    Session {
        data: values([("text", "x".repeat(4_000).into())]),
        ..signed_in(number, user_id(1))
    }
}

#[test]
fn keys_with_the_same_first_63_bits_collide() {
    let (_folder, path) = place();
    let sessions = open(&path).sessions();
    let (one, other) = (visitor(1), visitor(2));
    let neighbouring = Session {
        key: neighbour(&one.key),
        ..visitor(1)
    };
    add(&sessions, &one);
    add(&sessions, &other);
    assert_eq!(
        sessions.insert(&neighbouring).expect("insert"),
        Inserted::Collision
    );
    let rotated = sessions.rotate(&other, &neighbouring, start()).expect("rotate");
    assert_eq!(rotated, kunci_domain::ports::Rotated::Collision);
    assert_eq!(sessions.find(&neighbouring.key, start()).expect("find"), None);
    assert!(sessions.delete(&one).expect("delete"));
    add(&sessions, &neighbouring);
    assert_eq!(sessions.find(&one.key, start()).expect("find"), None);
}
