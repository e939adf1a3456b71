//! Promises about deleting one session, deleting all sessions of a user, and purging expired sessions.

use std::time::Duration;

use kunci_domain::ports::{Rotated, SessionStore, Updated};
use kunci_domain::{Lifetime, Session};

use super::support::{
    add, assert_absent, assert_holds, delete, delete_all_of, find, purge, rotate, touch, update,
};
use crate::samples::{IDLE, key, pending, rotated, signed_in, start, start_plus, user_id, visitor};

/// Checks that `delete` removes the given session and leaves the other sessions of the user.
pub fn delete_removes_only_that_session(store: &dyn SessionStore) {
    let (one, other) = (signed_in(1, user_id(1)), signed_in(2, user_id(1)));
    add(store, &one);
    add(store, &other);
    assert!(delete(store, &one));
    assert_absent(store, &one.key, start());
    assert_holds(store, &other, start());
}

/// Checks that a second `delete`, as after a double click on "Sign out", returns `false` and no error.
pub fn delete_can_be_repeated(store: &dyn SessionStore) {
    add(store, &visitor(1));
    assert!(delete(store, &visitor(1)));
    assert!(!delete(store, &visitor(1)));
    assert!(!delete(store, &visitor(2)));
}

/// Checks that `delete` also removes a session that was rotated after it was read.
pub fn delete_finds_a_rotated_session(store: &dyn SessionStore) {
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

/// Checks that `delete` finds the current session from any of its earlier keys.
pub fn delete_finds_a_session_rotated_several_times(store: &dyn SessionStore) {
    for read_at in 0..4 {
        let mut chain = vec![signed_in(read_at * 10, user_id(1))];
        add(store, &chain[0]);
        for number in 1..4 {
            let new = rotated(
                chain.last().expect("the chain is not empty"),
                read_at * 10 + number,
            );
            assert_eq!(
                rotate(
                    store,
                    chain.last().expect("the chain is not empty"),
                    &new,
                    start()
                ),
                Rotated::Done
            );
            chain.push(new);
        }
        let read = usize::try_from(read_at).expect("a small number");
        assert!(delete(store, &chain[read]), "read under key {read} of 4");
        assert_absent(store, &chain[3].key, start());
    }
}

/// Checks that `delete` finds a session by the key that the last rotation replaced, without its first key.
pub fn delete_finds_a_session_by_its_previous_key(store: &dyn SessionStore) {
    let first = signed_in(1, user_id(1));
    let second = rotated(&first, 2);
    let third = rotated(&second, 3);
    let other = rotated(&signed_in(4, user_id(1)), 5);
    add(store, &third);
    add(store, &other);
    assert!(delete(store, &visitor(2)));
    assert_absent(store, &third.key, start());
    assert_holds(store, &other, start());
}

/// Checks that an update cannot change the earlier keys of a session, so that `delete` still finds it.
pub fn delete_finds_a_rotated_and_updated_session(store: &dyn SessionStore) {
    let read = signed_in(1, user_id(1));
    add(store, &read);
    let new = rotated(&read, 2);
    assert_eq!(rotate(store, &read, &new, start()), Rotated::Done);
    let forged = Session {
        origin: None,
        previous: None,
        ..new.clone()
    };
    assert_eq!(update(store, &forged, start()), Updated::Done);
    let kept = find(store, &new.key, start()).expect("the session is live");
    assert_eq!((kept.origin, kept.previous), (new.origin, new.previous));
    assert!(delete(store, &read));
    assert_absent(store, &new.key, start());
}

/// Checks that `delete` removes an expired session that has not been purged.
pub fn delete_removes_an_expired_session(store: &dyn SessionStore) {
    let session = visitor(1);
    add(store, &session);
    assert_absent(store, &session.key, session.expires_at());
    assert!(delete(store, &session));
    assert!(!delete(store, &session));
}

/// Checks that `delete_all_of` removes all sessions in which a user is signed in, live or expired, and no others.
pub fn delete_all_of_user_leaves_other_users(store: &dyn SessionStore) {
    let expired = Session {
        created_at: start_plus(-1_000_000_000),
        ..signed_in(3, user_id(1))
    };
    let own = [signed_in(1, user_id(1)), signed_in(2, user_id(1)), expired];
    let others = [signed_in(4, user_id(2)), visitor(5), pending(6, user_id(1))];
    own.iter().chain(&others).for_each(|session| add(store, session));
    assert_eq!(delete_all_of(store, user_id(1)), 3);
    for session in &own {
        assert_absent(store, &session.key, session.created_at);
    }
    for session in &others {
        assert_holds(store, session, start());
    }
}

/// Checks that `delete_all_of` returns zero when it is repeated or the user has no session.
pub fn delete_all_of_user_can_be_repeated(store: &dyn SessionStore) {
    add(store, &signed_in(1, user_id(1)));
    assert_eq!(delete_all_of(store, user_id(2)), 0);
    assert_eq!(delete_all_of(store, user_id(1)), 1);
    assert_eq!(delete_all_of(store, user_id(1)), 0);
}

/// Checks that `delete_all_of` finds sessions after a rotation, an update and a touch.
pub fn delete_all_of_user_finds_changed_sessions(store: &dyn SessionStore) {
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

/// Checks that writes which read the session before `delete_all_of` do not bring it back.
pub fn no_write_revives_a_session_after_delete_all(store: &dyn SessionStore) {
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

/// Adds sessions number `1..=count`; each expires one second after the previous one.
fn add_expiring_in_turn(store: &dyn SessionStore, count: u64) -> Vec<Session> {
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

fn count_left(store: &dyn SessionStore, row: &[Session]) -> usize {
    row.iter()
        .filter(|session| find(store, &session.key, start()).is_some())
        .count()
}

/// Checks that a purge removes expired sessions and keeps live ones.
pub fn purge_removes_only_expired_sessions(store: &dyn SessionStore) {
    let row = add_expiring_in_turn(store, 10);
    assert_eq!(purge(store, start_plus(4_000), 100), 4);
    for (index, session) in row.iter().enumerate() {
        let found = find(store, &session.key, start());
        assert_eq!(found.is_some(), 4 <= index, "session {index}");
    }
}

/// Checks that a purge removes at most `limit` sessions, which bounds the time it takes.
pub fn purge_respects_its_limit(store: &dyn SessionStore) {
    let row = add_expiring_in_turn(store, 10);
    for (limit, want, left) in [(0, 0, 10), (3, 3, 7), (1, 1, 6), (4, 4, 2), (2, 2, 0), (1, 0, 0)] {
        assert_eq!(purge(store, start_plus(60_000), limit), want, "limit {limit}");
        assert_eq!(count_left(store, &row), left, "limit {limit}");
    }
}

/// Checks that no expired session is left when a purge returns less than its limit.
pub fn purge_below_its_limit_leaves_nothing_expired(store: &dyn SessionStore) {
    let row = add_expiring_in_turn(store, 5);
    let mut rounds = 0;
    while purge(store, start_plus(60_000), 2) == 2 {
        rounds += 1;
        assert!(rounds < 10, "a purge reports more sessions than it removed");
    }
    assert_eq!(count_left(store, &row), 0);
}

/// Checks that a purge of an empty store returns zero.
pub fn purge_of_empty_store_removes_nothing(store: &dyn SessionStore) {
    assert_eq!(purge(store, start_plus(1_000_000), 100), 0);
}

/// Checks that no method finds a purged session and that its key can be used again.
pub fn purged_session_is_gone_for_every_method(store: &dyn SessionStore) {
    let session = signed_in(1, user_id(1));
    add(store, &session);
    assert_eq!(purge(store, session.expires_at(), u32::MAX), 1);
    assert!(!delete(store, &session));
    assert_eq!(delete_all_of(store, user_id(1)), 0);
    add(store, &session);
    assert_holds(store, &session, start());
}
