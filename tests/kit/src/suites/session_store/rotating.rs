//! Promises about rotation, which moves a session to a new key in one step or not at all.

use kunci_domain::ports::{Rotated, SessionStore, Updated};
use kunci_domain::{Device, Lifetime, Permanence, Revision, Session};

use super::support::{
    add, assert_absent, assert_holds, delete, delete_all_of, find, just_before, purge, rotate, update,
};
use crate::samples::{ABSOLUTE, IDLE, key, signed_in, start, start_plus, user_id, values, visitor};

/// Checks that the session exists under the new key with its data, and no longer under the old one.
pub fn rotation_keeps_data_and_removes_old_key(store: &dyn SessionStore) {
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

/// Checks that every field of the new session is stored as given, as when a visitor signs in.
pub fn rotation_stores_the_new_session_as_given(store: &dyn SessionStore) {
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

/// Checks that a rotation can turn a user's session into a visitor's.
pub fn rotation_can_remove_the_user(store: &dyn SessionStore) {
    let old = signed_in(1, user_id(1));
    add(store, &old);
    assert_eq!(rotate(store, &old, &visitor(2), start()), Rotated::Done);
    assert_eq!(delete_all_of(store, user_id(1)), 0);
    assert_holds(store, &visitor(2), start());
}

/// Checks that rotating an unknown session is `Gone` and creates nothing.
pub fn rotation_of_unknown_session_is_gone(store: &dyn SessionStore) {
    assert_eq!(rotate(store, &visitor(1), &visitor(2), start()), Rotated::Gone);
    assert_absent(store, &key(1), start());
    assert_absent(store, &key(2), start());
}

/// Checks that rotating a deleted session is `Gone` and creates nothing.
pub fn rotation_after_delete_is_gone(store: &dyn SessionStore) {
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

/// Checks that rotating a session which was updated since it was read is `Stale` and changes nothing.
pub fn rotation_of_changed_session_is_stale(store: &dyn SessionStore) {
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

/// Checks that rotating to an existing key, live or expired, is a `Collision` and leaves both sessions
/// unchanged.
pub fn rotation_to_existing_key_collides(store: &dyn SessionStore) {
    let old = signed_in(1, user_id(1));
    let other = signed_in(2, user_id(2));
    let expired = Session {
        created_at: start_plus(-1_000_000_000),
        ..visitor(3)
    };
    for session in [&old, &other, &expired] {
        add(store, session);
    }
    for taken in [&other, &expired] {
        let new = Session {
            key: taken.key,
            ..old.clone()
        };
        assert_eq!(rotate(store, &old, &new, start()), Rotated::Collision);
    }
    assert_holds(store, &old, start());
    assert_holds(store, &other, start());
    assert_holds(store, &expired, start_plus(-1_000_000_000));
    assert_eq!(delete_all_of(store, user_id(1)), 1);
}

/// Checks that rotating a session to its own key is a `Collision`.
pub fn rotation_to_own_key_collides(store: &dyn SessionStore) {
    let session = signed_in(1, user_id(1));
    add(store, &session);
    assert_eq!(rotate(store, &session, &session, start()), Rotated::Collision);
    assert_holds(store, &session, start());
}

/// Checks which answer wins when several apply: `Gone` before `Stale` before `Collision`.
pub fn rotation_reports_gone_then_stale_then_collision(store: &dyn SessionStore) {
    let (old, other) = (visitor(1), visitor(2));
    add(store, &other);
    assert_eq!(rotate(store, &old, &other, start()), Rotated::Gone);
    add(store, &old);
    assert_eq!(update(store, &old, start()), Updated::Done);
    assert_eq!(rotate(store, &old, &other, start()), Rotated::Stale);
}

/// Checks that only the last key of a chain of rotations is valid.
pub fn consecutive_rotations_leave_one_session(store: &dyn SessionStore) {
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

/// Checks that the new session expires at its own time, not at that of the old one.
pub fn rotation_moves_the_expiry(store: &dyn SessionStore) {
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
