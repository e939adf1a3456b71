//! Promises about updates: which fields they write, which they keep, and when they are refused.

use std::time::Duration;

use kunci_domain::ports::{SessionStore, Updated};
use kunci_domain::{
    Authentication, Device, Epoch, Lifetime, Notices, Permanence, Revision, SealedSeed, Session, SessionData,
    SignInState,
};

use super::support::{
    TICK, add, assert_absent, assert_holds, delete, find, just_before, purge, rotate, touch, update,
};
use crate::samples::{IDLE, key, pending, signed_in, start, start_plus, user_id, values, visitor};

/// Checks that an update writes values, notices, the enrolment, permanence, lifetime and device, and increments
/// the revision.
pub fn update_replaces_mutable_fields(store: &dyn SessionStore) {
    let session = signed_in(1, user_id(1));
    add(store, &session);
    let changed = Session {
        data: values([("language", "id".into())]),
        notices: Notices::from_stored(vec!["Selamat datang".to_owned()]),
        enrolment: Some(SealedSeed::from_stored(vec![1, 2, 3])),
        permanence: Permanence::Permanent,
        lifetime: Lifetime {
            idle: Duration::from_secs(7_200),
            absolute: Duration::from_secs(864_000),
        },
        device: Device::new("curl/8", Some([0, 0, 0, 0, 0, 0, 0, 1].into())),
        ..session
    };
    assert_eq!(update(store, &changed, start()), Updated::Done);
    let written = Session {
        revision: changed.revision.next(),
        ..changed
    };
    assert_holds(store, &written, start());
}

/// Checks that an update can neither sign in a user nor change the creation time.
pub fn update_keeps_authentication_and_creation_time(store: &dyn SessionStore) {
    let sessions = [visitor(1), pending(2, user_id(1)), signed_in(3, user_id(1))];
    for session in sessions {
        add(store, &session);
        let forged = Session {
            sign_in: SignInState::Complete(Authentication {
                user: user_id(666),
                epoch: Epoch::from_stored(666),
                at: start_plus(666),
            }),
            created_at: start_plus(666),
            ..session.clone()
        };
        assert_eq!(update(store, &forged, start()), Updated::Done);
        let written = Session {
            revision: session.revision.next(),
            ..session
        };
        assert_holds(store, &written, start());
    }
}

/// Checks that the second of two updates from one revision is `Stale` and changes nothing.
pub fn update_from_old_revision_is_stale(store: &dyn SessionStore) {
    let session = visitor(1);
    add(store, &session);
    let first = Session {
        data: values([("first", 1.into())]),
        ..session.clone()
    };
    let second = Session {
        data: values([("second", 2.into())]),
        ..session
    };
    assert_eq!(update(store, &first, start()), Updated::Done);
    assert_eq!(update(store, &second, start()), Updated::Stale);
    let written = Session {
        revision: first.revision.next(),
        ..first
    };
    assert_holds(store, &written, start());
}

/// Checks that an update from a revision which the store has not reached is `Stale`.
pub fn update_from_future_revision_is_stale(store: &dyn SessionStore) {
    let session = visitor(1);
    add(store, &session);
    let ahead = Session {
        revision: Revision::from_stored(5),
        ..session.clone()
    };
    assert_eq!(update(store, &ahead, start()), Updated::Stale);
    assert_holds(store, &session, start());
}

/// Checks that each update adds one to the revision that the session was inserted with.
pub fn each_update_increments_the_revision(store: &dyn SessionStore) {
    let mut session = Session {
        revision: Revision::from_stored(1_000_000),
        ..visitor(1)
    };
    add(store, &session);
    for round in 0..10 {
        session.data = values([("round", round.into())]);
        assert_eq!(update(store, &session, start()), Updated::Done);
        session.revision = session.revision.next();
        assert_holds(store, &session, start());
    }
}

/// Checks that an update of an unknown session is `Gone` and creates nothing.
pub fn update_of_unknown_session_is_gone(store: &dyn SessionStore) {
    let session = visitor(1);
    assert_eq!(update(store, &session, start()), Updated::Gone);
    assert_absent(store, &session.key, start());
}

/// Checks that an update after `delete` is `Gone` and creates nothing.
pub fn update_after_delete_is_gone(store: &dyn SessionStore) {
    let session = signed_in(1, user_id(1));
    add(store, &session);
    assert!(delete(store, &session));
    assert_eq!(update(store, &session, start()), Updated::Gone);
    assert_absent(store, &session.key, start());
}

/// Checks that an update under the old key of a rotated session is `Gone` and creates nothing.
pub fn update_under_rotated_key_is_gone(store: &dyn SessionStore) {
    let old = signed_in(1, user_id(1));
    add(store, &old);
    let new = Session {
        key: key(2),
        ..old.clone()
    };
    let _ = rotate(store, &old, &new, start());
    assert_eq!(update(store, &old, start()), Updated::Gone);
    assert_absent(store, &old.key, start());
    assert_holds(store, &new, start());
}

/// Checks that the stored last-seen time becomes the later of the stored and the given one.
pub fn update_keeps_the_later_last_seen_time(store: &dyn SessionStore) {
    let session = visitor(1);
    add(store, &session);
    touch(store, &session.key, start_plus(9_000));
    let earlier = Session {
        last_seen_at: start_plus(4_000),
        ..session
    };
    assert_eq!(update(store, &earlier, start_plus(9_000)), Updated::Done);
    let kept = Session {
        last_seen_at: start_plus(9_000),
        revision: Revision::from_stored(1),
        ..earlier
    };
    assert_holds(store, &kept, start_plus(9_000));
    let later = Session {
        last_seen_at: start_plus(11_000),
        ..kept
    };
    assert_eq!(update(store, &later, start_plus(11_000)), Updated::Done);
    let written = Session {
        revision: Revision::from_stored(2),
        ..later
    };
    assert_holds(store, &written, start_plus(11_000));
}

/// Checks that an update with another lifetime moves the expiry for `find` and purges.
pub fn new_lifetime_moves_the_expiry(store: &dyn SessionStore) {
    for (number, idle) in [(1, IDLE / 2), (2, IDLE * 2)] {
        let session = visitor(number);
        add(store, &session);
        let changed = Session {
            lifetime: Lifetime {
                idle,
                ..session.lifetime
            },
            ..session
        };
        assert_eq!(update(store, &changed, start()), Updated::Done);
        let end = start().after(idle);
        assert!(
            find(store, &changed.key, just_before(end)).is_some(),
            "idle {idle:?}"
        );
        assert_absent(store, &changed.key, end);
        assert_eq!(purge(store, just_before(end), 10), 0, "idle {idle:?}");
        assert_eq!(purge(store, end, 10), 1, "idle {idle:?}");
    }
}

/// Checks that an update to the maximum lifetime saturates instead of wrapping.
pub fn update_to_maximum_lifetime_saturates(store: &dyn SessionStore) {
    let session = visitor(1);
    add(store, &session);
    let endless = Session {
        lifetime: Lifetime {
            idle: Duration::MAX,
            absolute: Duration::MAX,
        },
        ..session
    };
    assert_eq!(update(store, &endless, start()), Updated::Done);
    let written = Session {
        revision: Revision::from_stored(1),
        ..endless
    };
    assert_holds(store, &written, just_before(kunci_domain::Timestamp::MAX));
    assert_eq!(purge(store, start().after(IDLE * 1_000), 10), 0);
}

/// Checks that an update can end a session early with a shorter lifetime.
pub fn update_can_shorten_a_session(store: &dyn SessionStore) {
    let session = visitor(1);
    add(store, &session);
    let ended = Session {
        lifetime: Lifetime {
            idle: TICK,
            absolute: TICK,
        },
        ..session
    };
    assert_eq!(update(store, &ended, start()), Updated::Done);
    assert_absent(store, &ended.key, start().after(TICK));
}

/// Checks that an update can remove all values and the device.
pub fn update_can_remove_all_values(store: &dyn SessionStore) {
    let session = signed_in(1, user_id(1));
    add(store, &session);
    let emptied = Session {
        data: SessionData::default(),
        device: Device::default(),
        ..session
    };
    assert_eq!(update(store, &emptied, start()), Updated::Done);
    let written = Session {
        revision: Revision::from_stored(1),
        ..emptied
    };
    assert_holds(store, &written, start());
}

/// Checks that an update of one session does not change another session of the user.
pub fn update_leaves_other_sessions_unchanged(store: &dyn SessionStore) {
    let (one, other) = (signed_in(1, user_id(1)), signed_in(2, user_id(1)));
    add(store, &one);
    add(store, &other);
    let changed = Session {
        data: values([("only", "one".into())]),
        ..one
    };
    assert_eq!(update(store, &changed, start()), Updated::Done);
    assert_holds(store, &other, start());
}
