//! Two handles on the same data: two processes, or a server and its command line.
//!
//! Left out: touches across handles, which a store may keep back for as long as its own handle writes nothing.

use kunci_domain::Session;
use kunci_domain::ports::{Inserted, Rotated, SessionStore, Updated};

use super::races::{change, count_in, count_of, together, with};
use super::steps::{
    add, assert_absent, assert_holds, delete, delete_all_of, find, insert, purge, rotate, touch, update,
};
use crate::samples::{key, rotated, signed_in, start, start_plus, user_id, values, visitor};

/// Every write of one is seen by the other as soon as it has been acknowledged.
pub fn what_one_handle_writes_the_other_sees_at_once(one: &dyn SessionStore, other: &dyn SessionStore) {
    let mut session = signed_in(1, user_id(1));
    add(one, &session);
    assert_holds(other, &session, start());

    session.data = values([("written", "by the other".into())]);
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

    assert!(
        delete(one, &session),
        "the session that took its place was not found"
    );
    assert_absent(other, &new.key, start());
}

/// What one handle removed, in whichever way, the other cannot bring back.
pub fn what_one_handle_ends_the_other_cannot_revive(one: &dyn SessionStore, other: &dyn SessionStore) {
    let ends: [fn(&dyn SessionStore, &Session); 3] = [
        |store, session| assert!(delete(store, session)),
        |store, _| assert_eq!(delete_all_of(store, user_id(1)), 1),
        |store, session| assert_eq!(purge(store, session.expires_at(), 10), 1),
    ];
    for (number, end) in (1..).zip(ends) {
        let session = signed_in(number, user_id(1));
        add(one, &session);
        let read = find(other, &session.key, start()).expect("the session is not there");
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

/// A revision read through one handle is stale when the other has written.
pub fn an_update_through_the_other_handle_makes_stale(one: &dyn SessionStore, other: &dyn SessionStore) {
    let session = visitor(1);
    add(one, &session);
    assert_eq!(update(other, &session, start()), Updated::Done);
    assert_eq!(update(one, &session, start()), Updated::Stale);
    assert_eq!(rotate(one, &session, &visitor(2), start()), Rotated::Stale);
}

/// A key is taken for both.
pub fn a_key_that_one_handle_took_collides_for_the_other(one: &dyn SessionStore, other: &dyn SessionStore) {
    add(one, &visitor(1));
    assert_eq!(insert(other, &visitor(1)), Inserted::Collision);
}

/// N increments through two handles sum to N.
pub fn no_increment_is_lost_between_two_handles(one: &dyn SessionStore, other: &dyn SessionStore) {
    let session = visitor(1);
    add(one, &session);
    together(6, |number| {
        let store = if number % 2 == 0 { one } else { other };
        for _ in 0..8 {
            change(store, &session.key, |data| {
                with(data, "count", (count_in(data) + 1).into())
            });
        }
    });
    let found = find(other, &session.key, start()).expect("the session is not there");
    assert_eq!(count_in(&found.data), 48);
}

/// One winner, whichever handle it came through.
pub fn one_of_several_rotations_through_two_handles_wins(one: &dyn SessionStore, other: &dyn SessionStore) {
    for round in 0..15 {
        let old = visitor(round * 100);
        add(one, &old);
        let answers = together(6, |number| {
            let store = if number % 2 == 0 { one } else { other };
            rotate(store, &old, &visitor(round * 100 + 1 + number), start())
        });
        assert_eq!(count_of(&answers, &Rotated::Done), 1);
        assert_absent(one, &old.key, start());
        assert_absent(other, &old.key, start());
    }
}

/// Logout through one handle wins over updates through the other.
pub fn logout_through_one_handle_wins_over_the_other(one: &dyn SessionStore, other: &dyn SessionStore) {
    for round in 0..15 {
        let session = signed_in(round, user_id(1));
        add(one, &session);
        together(3, |number| {
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
