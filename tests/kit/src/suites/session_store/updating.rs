//! Compare-and-swap: what an update writes, what it leaves, and when it refuses.

use std::time::Duration;

use kunci_domain::ports::{SessionStore, Updated};
use kunci_domain::{Authentication, Device, Epoch, Lifetime, Permanence, Revision, Session, SessionData};

use super::steps::{
    TICK, add, assert_absent, assert_holds, delete, find, just_before, purge, rotate, touch, update,
};
use crate::samples::{IDLE, key, signed_in, start, start_plus, user_id, values, visitor};

/// Values, permanence, lifetime and device are those given, under the next revision.
pub fn an_update_replaces_what_may_change(store: &dyn SessionStore) {
    let session = signed_in(1, user_id(1));
    add(store, &session);
    let changed = Session {
        data: values([("language", "id".into())]),
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

/// An update cannot sign anybody in, nor make a session younger.
pub fn an_update_keeps_who_signed_in_and_when_it_began(store: &dyn SessionStore) {
    let sessions = [visitor(1), signed_in(2, user_id(1))];
    for session in sessions {
        add(store, &session);
        let forged = Session {
            authentication: Some(Authentication {
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

/// Of two writers that read the same revision the second is told.
pub fn an_update_from_an_old_revision_is_stale_and_changes_nothing(store: &dyn SessionStore) {
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

/// A revision that the store has not reached is no better than an old one.
pub fn an_update_from_a_revision_to_come_is_stale(store: &dyn SessionStore) {
    let session = visitor(1);
    add(store, &session);
    let ahead = Session {
        revision: Revision::from_stored(5),
        ..session.clone()
    };
    assert_eq!(update(store, &ahead, start()), Updated::Stale);
    assert_holds(store, &session, start());
}

/// Each update counts, whatever revision a session began with.
pub fn updates_in_a_row_count_revisions(store: &dyn SessionStore) {
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

/// No upsert.
pub fn an_update_of_an_unknown_session_is_gone_and_creates_nothing(store: &dyn SessionStore) {
    let session = visitor(1);
    assert_eq!(update(store, &session, start()), Updated::Gone);
    assert_absent(store, &session.key, start());
}

/// No upsert after a logout either.
pub fn an_update_after_delete_is_gone_and_creates_nothing(store: &dyn SessionStore) {
    let session = signed_in(1, user_id(1));
    add(store, &session);
    assert!(delete(store, &session));
    assert_eq!(update(store, &session, start()), Updated::Gone);
    assert_absent(store, &session.key, start());
}

/// Whoever read the session under its old key cannot write to it under that.
pub fn an_update_after_rotation_is_gone_and_creates_nothing(store: &dyn SessionStore) {
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

/// The time last seen is the later of both, whichever request was slower.
pub fn the_time_last_seen_becomes_the_later_one(store: &dyn SessionStore) {
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

/// With another lifetime the session ends at another time, in every method.
pub fn an_update_moves_the_end_with_the_lifetime(store: &dyn SessionStore) {
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

/// "As long as there is" is a lifetime like any other.
pub fn an_update_with_an_endless_lifetime_saturates(store: &dyn SessionStore) {
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

/// An update may end a session by giving it no time.
pub fn an_update_may_leave_a_session_dead(store: &dyn SessionStore) {
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

/// Values can be taken away altogether.
pub fn an_update_may_empty_the_values(store: &dyn SessionStore) {
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

/// Other sessions are none of its business.
pub fn an_update_leaves_other_sessions_alone(store: &dyn SessionStore) {
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
