//! Ends of sessions: one, all of a user, and those that are dead anyway.

use std::time::Duration;

use kunci_domain::ports::{Rotated, SessionStore, Updated};
use kunci_domain::{Lifetime, Session};

use super::steps::{
    add, assert_absent, assert_holds, delete, delete_all_of, find, purge, rotate, touch, update,
};
use crate::samples::{IDLE, key, rotated, signed_in, start, start_plus, user_id, visitor};

/// Deleting removes the one session and no other.
pub fn a_delete_removes_the_session_and_no_other(store: &dyn SessionStore) {
    let (one, other) = (signed_in(1, user_id(1)), signed_in(2, user_id(1)));
    add(store, &one);
    add(store, &other);
    assert!(delete(store, &one));
    assert_absent(store, &one.key, start());
    assert_holds(store, &other, start());
}

/// A double click on "sign out" is no error.
pub fn a_delete_may_be_repeated(store: &dyn SessionStore) {
    add(store, &visitor(1));
    assert!(delete(store, &visitor(1)));
    assert!(!delete(store, &visitor(1)));
    assert!(!delete(store, &visitor(2)));
}

/// Whoever ends a session means the client, not the key: a rotation that was quicker does not save it.
pub fn a_delete_finds_a_session_that_was_rotated_since(store: &dyn SessionStore) {
    let (read, other) = (signed_in(1, user_id(1)), signed_in(2, user_id(1)));
    add(store, &read);
    add(store, &other);
    let new = rotated(&read, 3);
    assert_eq!(rotate(store, &read, &new, start()), Rotated::Done);
    assert!(delete(store, &read));
    assert_absent(store, &new.key, start());
    assert!(!delete(store, &read));
    assert_holds(store, &other, start());
}

/// From whichever of its keys, also when that is not the first.
pub fn a_delete_finds_a_session_that_was_rotated_several_times(store: &dyn SessionStore) {
    for read_at in 0..4 {
        let mut chain = vec![signed_in(read_at * 10, user_id(1))];
        add(store, &chain[0]);
        for number in 1..4 {
            let new = rotated(chain.last().expect("it has a first"), read_at * 10 + number);
            assert_eq!(
                rotate(store, chain.last().expect("it has a first"), &new, start()),
                Rotated::Done
            );
            chain.push(new);
        }
        let read = usize::try_from(read_at).expect("a small number");
        assert!(delete(store, &chain[read]), "read under key {read} of 4");
        assert_absent(store, &chain[3].key, start());
    }
}

/// An update changes who a session was as little as who is signed in.
pub fn a_delete_finds_a_rotated_session_after_an_update(store: &dyn SessionStore) {
    let read = signed_in(1, user_id(1));
    add(store, &read);
    let new = rotated(&read, 2);
    assert_eq!(rotate(store, &read, &new, start()), Rotated::Done);
    let forged = Session {
        origin: None,
        ..new.clone()
    };
    assert_eq!(update(store, &forged, start()), Updated::Done);
    assert!(delete(store, &read));
    assert_absent(store, &new.key, start());
}

/// A record that is dead is still a record.
pub fn a_delete_removes_an_expired_session_too(store: &dyn SessionStore) {
    let session = visitor(1);
    add(store, &session);
    assert_absent(store, &session.key, session.expires_at());
    assert!(delete(store, &session));
    assert!(!delete(store, &session));
}

/// All of a user's sessions, live or not, and nobody else's.
pub fn deleting_all_of_a_user_leaves_everybody_else(store: &dyn SessionStore) {
    let expired = Session {
        created_at: start_plus(-1_000_000_000),
        ..signed_in(3, user_id(1))
    };
    let theirs = [signed_in(1, user_id(1)), signed_in(2, user_id(1)), expired];
    let others = [signed_in(4, user_id(2)), visitor(5)];
    theirs
        .iter()
        .chain(&others)
        .for_each(|session| add(store, session));
    assert_eq!(delete_all_of(store, user_id(1)), 3);
    for session in &theirs {
        assert_absent(store, &session.key, session.created_at);
    }
    for session in &others {
        assert_holds(store, session, start());
    }
}

/// It may be repeated, and asked of somebody who has no session.
pub fn deleting_all_of_a_user_may_be_repeated(store: &dyn SessionStore) {
    add(store, &signed_in(1, user_id(1)));
    assert_eq!(delete_all_of(store, user_id(2)), 0);
    assert_eq!(delete_all_of(store, user_id(1)), 1);
    assert_eq!(delete_all_of(store, user_id(1)), 0);
}

/// A session is found by its user after all that can happen to it.
pub fn deleting_all_of_a_user_finds_changed_sessions(store: &dyn SessionStore) {
    let (old, other) = (signed_in(1, user_id(1)), signed_in(2, user_id(1)));
    add(store, &old);
    add(store, &other);
    let new = Session {
        key: key(3),
        ..old.clone()
    };
    assert_eq!(rotate(store, &old, &new, start()), Rotated::Done);
    assert_eq!(update(store, &other, start()), Updated::Done);
    touch(store, &other.key, start_plus(5));
    assert_eq!(delete_all_of(store, user_id(1)), 2);
    assert_absent(store, &new.key, start());
    assert_absent(store, &other.key, start());
}

/// Every write that read the session before is refused afterwards.
pub fn nothing_revives_a_session_after_delete_all(store: &dyn SessionStore) {
    let session = signed_in(1, user_id(1));
    add(store, &session);
    assert_eq!(delete_all_of(store, user_id(1)), 1);
    let new = Session {
        key: key(2),
        ..session.clone()
    };
    assert_eq!(update(store, &session, start()), Updated::Gone);
    assert_eq!(rotate(store, &session, &new, start()), Rotated::Gone);
    touch(store, &session.key, start_plus(5));
    assert_absent(store, &session.key, start());
    assert_absent(store, &new.key, start());
}

/// Sessions number `1..=count`; each ends one second after the one before.
fn add_row_of(store: &dyn SessionStore, count: u64) -> Vec<Session> {
    let row: Vec<Session> = (1..=count)
        .map(|number| Session {
            lifetime: Lifetime {
                idle: Duration::from_secs(number),
                absolute: IDLE,
            },
            ..visitor(number)
        })
        .collect();
    row.iter().for_each(|session| add(store, session));
    row
}

fn left(store: &dyn SessionStore, row: &[Session]) -> usize {
    row.iter()
        .filter(|session| find(store, &session.key, start()).is_some())
        .count()
}

/// The dead go, the living stay.
pub fn a_purge_removes_only_the_dead(store: &dyn SessionStore) {
    let row = add_row_of(store, 10);
    assert_eq!(purge(store, start_plus(4_000), 100), 4);
    for (index, session) in row.iter().enumerate() {
        let found = find(store, &session.key, start());
        assert_eq!(found.is_some(), 4 <= index, "session {index}");
    }
}

/// At most `limit` go at a time, so that a purge never takes long.
pub fn a_purge_honours_its_limit(store: &dyn SessionStore) {
    let row = add_row_of(store, 10);
    for (limit, want, still) in [(0, 0, 10), (3, 3, 7), (1, 1, 6), (4, 4, 2), (2, 2, 0), (1, 0, 0)] {
        assert_eq!(purge(store, start_plus(60_000), limit), want, "limit {limit}");
        assert_eq!(left(store, &row), still, "limit {limit}");
    }
}

/// Fewer than asked for means that no dead session is left.
pub fn a_purge_that_falls_short_has_removed_all(store: &dyn SessionStore) {
    let row = add_row_of(store, 5);
    let mut rounds = 0;
    while purge(store, start_plus(60_000), 2) == 2 {
        rounds += 1;
        assert!(rounds < 10, "a purge counts what it did not remove");
    }
    assert_eq!(left(store, &row), 0);
}

/// An empty store has nothing to purge.
pub fn a_purge_of_an_empty_store_removes_nothing(store: &dyn SessionStore) {
    assert_eq!(purge(store, start_plus(1_000_000), 100), 0);
}

/// A purge leaves nothing behind that would still count as the user's.
pub fn a_purged_session_is_gone_for_every_method(store: &dyn SessionStore) {
    let session = signed_in(1, user_id(1));
    add(store, &session);
    assert_eq!(purge(store, session.expires_at(), u32::MAX), 1);
    assert!(!delete(store, &session));
    assert_eq!(delete_all_of(store, user_id(1)), 0);
    add(store, &session);
    assert_holds(store, &session, start());
}
