//! Rotation: one session under a new key, in one step or not at all.

use kunci_domain::ports::{Rotated, SessionStore, Updated};
use kunci_domain::{Device, Lifetime, Permanence, Revision, Session};

use super::steps::{
    add, assert_absent, assert_holds, delete, delete_all_of, find, just_before, purge, rotate, update,
};
use crate::samples::{ABSOLUTE, IDLE, key, signed_in, start, start_plus, user_id, values, visitor};

/// The data stays, the old key is dead.
pub fn a_rotation_keeps_the_data_and_kills_the_old_key(store: &dyn SessionStore) {
    let old = signed_in(1, user_id(1));
    add(store, &old);
    let new = Session {
        key: key(2),
        ..old.clone()
    };
    assert_eq!(rotate(store, &old, &new, start()), Rotated::Done);
    assert_absent(store, &old.key, start());
    assert_holds(store, &new, start());
}

/// The new session is the one given, in every field: that is how a visitor becomes a user.
pub fn a_rotation_writes_the_new_session_as_given(store: &dyn SessionStore) {
    let old = Session {
        revision: Revision::from_stored(4),
        ..visitor(1)
    };
    add(store, &old);
    let new = Session {
        created_at: start_plus(3),
        last_seen_at: start_plus(4),
        lifetime: Lifetime {
            idle: IDLE * 3,
            absolute: ABSOLUTE * 3,
        },
        permanence: Permanence::Permanent,
        device: Device::new("another", None),
        data: values([("cart", 3.into())]),
        revision: Revision::FIRST,
        ..signed_in(2, user_id(9))
    };
    assert_eq!(rotate(store, &old, &new, start_plus(4)), Rotated::Done);
    assert_holds(store, &new, just_before(new.expires_at()));
    assert_absent(store, &new.key, new.expires_at());
    assert_eq!(delete_all_of(store, user_id(9)), 1);
}

/// A user may become a visitor again.
pub fn a_rotation_may_take_the_user_out(store: &dyn SessionStore) {
    let old = signed_in(1, user_id(1));
    add(store, &old);
    assert_eq!(rotate(store, &old, &visitor(2), start()), Rotated::Done);
    assert_eq!(delete_all_of(store, user_id(1)), 0);
    assert_holds(store, &visitor(2), start());
}

/// A rotation creates nothing out of nothing.
pub fn a_rotation_of_an_unknown_session_is_gone_and_creates_nothing(store: &dyn SessionStore) {
    assert_eq!(rotate(store, &visitor(1), &visitor(2), start()), Rotated::Gone);
    assert_absent(store, &key(1), start());
    assert_absent(store, &key(2), start());
}

/// Logout wins over a rotation that comes late.
pub fn a_rotation_after_delete_is_gone_and_creates_nothing(store: &dyn SessionStore) {
    let old = signed_in(1, user_id(1));
    add(store, &old);
    assert!(delete(store, &old));
    let new = Session {
        key: key(2),
        ..old.clone()
    };
    assert_eq!(rotate(store, &old, &new, start()), Rotated::Gone);
    assert_absent(store, &old.key, start());
    assert_absent(store, &new.key, start());
}

/// What another request wrote meanwhile must not be lost, so that the caller has to read again.
pub fn a_rotation_of_a_changed_session_is_stale_and_changes_nothing(store: &dyn SessionStore) {
    let read = visitor(1);
    add(store, &read);
    let changed = Session {
        data: values([("meanwhile", 1.into())]),
        ..read.clone()
    };
    assert_eq!(update(store, &changed, start()), Updated::Done);
    assert_eq!(rotate(store, &read, &visitor(2), start()), Rotated::Stale);
    let written = Session {
        revision: changed.revision.next(),
        ..changed
    };
    assert_holds(store, &written, start());
    assert_absent(store, &key(2), start());
}

/// Whoever holds the new key keeps it, also when expired, and the old session stays.
pub fn a_rotation_onto_a_taken_key_collides_and_changes_nothing(store: &dyn SessionStore) {
    let old = signed_in(1, user_id(1));
    let holder = signed_in(2, user_id(2));
    let expired = Session {
        created_at: start_plus(-1_000_000_000),
        ..visitor(3)
    };
    for session in [&old, &holder, &expired] {
        add(store, session);
    }
    for taken in [&holder, &expired] {
        let new = Session {
            key: taken.key,
            ..old.clone()
        };
        assert_eq!(rotate(store, &old, &new, start()), Rotated::Collision);
    }
    assert_holds(store, &old, start());
    assert_holds(store, &holder, start());
    assert_holds(store, &expired, start_plus(-1_000_000_000));
    assert_eq!(delete_all_of(store, user_id(1)), 1);
}

/// Its own key is taken like any other.
pub fn a_rotation_onto_its_own_key_collides(store: &dyn SessionStore) {
    let session = signed_in(1, user_id(1));
    add(store, &session);
    assert_eq!(rotate(store, &session, &session, start()), Rotated::Collision);
    assert_holds(store, &session, start());
}

/// When several things are wrong, the caller learns first what it must know first:
/// that the session has ended, then that it has changed, then that the key is taken.
pub fn a_rotation_tells_the_end_before_a_change_before_a_collision(store: &dyn SessionStore) {
    let (old, holder) = (visitor(1), visitor(2));
    add(store, &holder);
    assert_eq!(rotate(store, &old, &holder, start()), Rotated::Gone);
    add(store, &old);
    assert_eq!(update(store, &old, start()), Updated::Done);
    assert_eq!(rotate(store, &old, &holder, start()), Rotated::Stale);
}

/// Every key of a chain of rotations but the last is dead.
pub fn rotations_in_a_row_leave_one_session(store: &dyn SessionStore) {
    let mut current = signed_in(1, user_id(1));
    add(store, &current);
    for number in 2..8 {
        let new = Session {
            key: key(number),
            ..current.clone()
        };
        assert_eq!(rotate(store, &current, &new, start()), Rotated::Done);
        assert_absent(store, &current.key, start());
        current = new;
    }
    assert_holds(store, &current, start());
    assert_eq!(delete_all_of(store, user_id(1)), 1);
    assert!(find(store, &current.key, start()).is_none());
}

/// The new session ends at its own time, not at the old one's.
pub fn a_rotation_moves_the_end(store: &dyn SessionStore) {
    let old = visitor(1);
    add(store, &old);
    let new = Session {
        last_seen_at: start_plus(60_000),
        ..visitor(2)
    };
    assert_eq!(rotate(store, &old, &new, start_plus(60_000)), Rotated::Done);
    assert_eq!(purge(store, old.expires_at(), 10), 0);
    assert_holds(store, &new, just_before(new.expires_at()));
    assert_eq!(purge(store, new.expires_at(), 10), 1);
}
