//! Promises about two handles on the same data, such as two processes, or a server and its command line.
//!
//! A touch may stay invisible to the other handle until its own handle writes, so these promises force a
//! write.

use kunci_domain::Session;
use kunci_domain::ports::{Inserted, Rotated, SessionStore, Updated};

use super::races::{change, count_in, with};
use super::support::{
    add, assert_absent, assert_holds, delete, delete_all_of, find, insert, purge, rotate, touch, update,
};
use crate::samples::{key, rotated, signed_in, start, start_plus, user_id, values, visitor};
use crate::suites::concurrency::{count_of, run_concurrently};

/// Checks that the other handle sees each acknowledged write at once.
pub fn writes_are_visible_to_the_other_handle(one: &dyn SessionStore, other: &dyn SessionStore) {
    let mut session = signed_in(1, user_id(1));
    add(one, &session);
    assert_holds(other, &session, start());

    session.data = values([("written", "through the other".into())]);
    assert_eq!(update(other, &session, start()), Updated::Done);
    session.revision = session.revision.next();
    assert_holds(one, &session, start());

    touch(one, &session.key, start_plus(5));
    session.last_seen_at = start_plus(5);
    assert_holds(other, &session, start_plus(5));

    let new = rotated(&session, 2);
    assert_eq!(rotate(other, &session, &new, start_plus(5)), Rotated::Done);
    assert_absent(one, &session.key, start());
    assert_holds(one, &new, start_plus(5));

    assert!(delete(one, &session), "the rotated session was not found");
    assert_absent(other, &new.key, start());
}

/// Checks that a session which was deleted or purged through one handle cannot be brought back through
/// the other.
pub fn other_handle_cannot_revive_an_ended_session(one: &dyn SessionStore, other: &dyn SessionStore) {
    let ends: [fn(&dyn SessionStore, &Session); 3] = [
        |store, session| assert!(delete(store, session)),
        |store, _| assert_eq!(delete_all_of(store, user_id(1)), 1),
        |store, session| assert_eq!(purge(store, session.expires_at(), 10), 1),
    ];
    for (number, end) in (1..).zip(ends) {
        let session = signed_in(number, user_id(1));
        add(one, &session);
        let read = find(other, &session.key, start()).expect("the session is missing");
        end(one, &session);
        let new = Session {
            key: key(number + 50),
            ..read.clone()
        };
        assert_eq!(update(other, &read, start()), Updated::Gone, "end {number}");
        assert_eq!(rotate(other, &read, &new, start()), Rotated::Gone, "end {number}");
        touch(other, &read.key, start_plus(5));
        assert_absent(one, &read.key, start());
        assert_absent(one, &new.key, start());
    }
}

/// Checks that an update through one handle makes a revision stale that was read through the other.
pub fn update_through_other_handle_makes_revision_stale(one: &dyn SessionStore, other: &dyn SessionStore) {
    let session = visitor(1);
    add(one, &session);
    assert_eq!(update(other, &session, start()), Updated::Done);
    assert_eq!(update(one, &session, start()), Updated::Stale);
    assert_eq!(rotate(one, &session, &visitor(2), start()), Rotated::Stale);
}

/// Checks that a key inserted through one handle is a `Collision` for the other.
pub fn key_inserted_through_other_handle_collides(one: &dyn SessionStore, other: &dyn SessionStore) {
    add(one, &visitor(1));
    assert_eq!(insert(other, &visitor(1)), Inserted::Collision);
}

/// Checks that concurrent increments through two handles add up.
pub fn increments_through_two_handles_are_not_lost(one: &dyn SessionStore, other: &dyn SessionStore) {
    let session = visitor(1);
    add(one, &session);
    run_concurrently(6, |number| {
        let store = if number % 2 == 0 { one } else { other };
        for _ in 0..8 {
            change(store, &session.key, |data| {
                with(data, "count", (count_in(data) + 1).into())
            });
        }
    });
    let found = find(other, &session.key, start()).expect("the session is missing");
    assert_eq!(count_in(&found.data), 48);
}

/// Checks that exactly one of several concurrent rotations through two handles is `Done`.
pub fn one_of_many_rotations_through_two_handles_wins(one: &dyn SessionStore, other: &dyn SessionStore) {
    for round in 0..15 {
        let old = visitor(round * 100);
        add(one, &old);
        let answers = run_concurrently(6, |number| {
            let store = if number % 2 == 0 { one } else { other };
            rotate(store, &old, &visitor(round * 100 + 1 + number), start())
        });
        assert_eq!(count_of(&answers, &Rotated::Done), 1);
        assert_absent(one, &old.key, start());
        assert_absent(other, &old.key, start());
    }
}

/// Checks that `delete_all_of` through one handle wins over updates through the other.
pub fn logout_wins_over_updates_through_other_handle(one: &dyn SessionStore, other: &dyn SessionStore) {
    for round in 0..15 {
        let session = signed_in(round, user_id(1));
        add(one, &session);
        run_concurrently(3, |number| {
            if number == 0 {
                delete_all_of(one, user_id(1));
            } else {
                change(other, &session.key, |data| with(data, "late", number.into()));
            }
        });
        assert_absent(one, &session.key, start());
        assert_absent(other, &session.key, start());
    }
}
