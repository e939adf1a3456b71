//! Promises about the expiry of sessions, which is the same in every method: a session is live while
//! `now < expires_at`.

use std::time::Duration;

use kunci_domain::ports::{Rotated, SessionStore, Updated};
use kunci_domain::{Lifetime, Session, Timestamp};

use super::support::{
    TICK, add, assert_absent, assert_holds, delete, find, just_before, purge, rotate, touch, update,
};
use crate::samples::{IDLE, key, start, start_plus, values, visitor};

/// A description of `now`, `now` as a function of the expiry, and whether the session is live then.
type Row = (&'static str, fn(Timestamp) -> Timestamp, bool);

const ROWS: [Row; 3] = [
    ("one millisecond before expiry", just_before, true),
    ("at expiry", |end| end, false),
    ("one millisecond after expiry", |end| end.after(TICK), false),
];

/// Runs `check` for each row, with a session that expires by idle time and one that expires by its
/// absolute lifetime.
fn each_row(store: &dyn SessionStore, check: impl Fn(&Session, Timestamp, bool, &str)) {
    let lifetimes = [(IDLE, IDLE * 2), (IDLE, Duration::from_millis(1_801_003))];
    let mut number = 0;
    for (name, at, live) in ROWS {
        for (idle, absolute) in lifetimes {
            number += 10;
            let session = Session {
                lifetime: Lifetime { idle, absolute },
                ..visitor(number)
            };
            add(store, &session);
            check(&session, at(session.expires_at()), live, name);
            delete(store, &session);
        }
    }
}

/// Checks that `find` returns a session until its last millisecond.
pub fn find_respects_expiry_to_the_millisecond(store: &dyn SessionStore) {
    each_row(store, |session, now, live, name| {
        assert_eq!(find(store, &session.key, now).is_some(), live, "{name}");
    });
}

/// Checks that `update` succeeds until the last millisecond and leaves an expired session unchanged.
pub fn update_respects_expiry_to_the_millisecond(store: &dyn SessionStore) {
    each_row(store, |session, now, live, name| {
        let changed = Session {
            data: values([("changed", true.into())]),
            last_seen_at: now,
            ..session.clone()
        };
        let want = if live { Updated::Done } else { Updated::Gone };
        assert_eq!(update(store, &changed, now), want, "{name}");
        if live {
            let found = find(store, &session.key, now).map(|found| found.data);
            assert_eq!(found, Some(changed.data), "{name}");
        } else {
            assert_holds(store, session, start());
        }
    });
}

/// Checks that an update or rotation of an expired session is `Gone`, even if its revision is stale.
pub fn expired_session_is_gone_not_stale(store: &dyn SessionStore) {
    let session = visitor(1);
    add(store, &session);
    assert_eq!(update(store, &session, start()), Updated::Done);
    assert_eq!(update(store, &session, session.expires_at()), Updated::Gone);
    assert_eq!(
        rotate(store, &session, &visitor(2), session.expires_at()),
        Rotated::Gone
    );
}

/// Checks that `touch` succeeds until the last millisecond and does not extend an expired session.
pub fn touch_respects_expiry_to_the_millisecond(store: &dyn SessionStore) {
    each_row(store, |session, now, live, name| {
        touch(store, &session.key, now);
        let want = if live { now } else { session.last_seen_at };
        let found = find(store, &session.key, start()).map(|found| found.last_seen_at);
        assert_eq!(found, Some(want), "{name}");
    });
}

/// Checks that `rotate` succeeds until the last millisecond and leaves an expired session unchanged.
pub fn rotate_respects_expiry_to_the_millisecond(store: &dyn SessionStore) {
    each_row(store, |session, now, live, name| {
        let new = Session {
            key: key(1_000_000),
            last_seen_at: now,
            ..session.clone()
        };
        let want = if live { Rotated::Done } else { Rotated::Gone };
        assert_eq!(rotate(store, session, &new, now), want, "{name}");
        assert_eq!(find(store, &new.key, start()).is_some(), live, "{name}");
        assert_eq!(find(store, &session.key, start()).is_some(), !live, "{name}");
        delete(store, &new);
    });
}

/// Checks that a purge keeps a session until its last millisecond.
pub fn purge_respects_expiry_to_the_millisecond(store: &dyn SessionStore) {
    each_row(store, |session, now, live, name| {
        assert_eq!(purge(store, now, 10), u64::from(!live), "{name}");
        assert_eq!(find(store, &session.key, start()).is_some(), live, "{name}");
    });
}

/// Checks that `delete` removes a session whether it is live or expired.
pub fn delete_ignores_expiry(store: &dyn SessionStore) {
    each_row(store, |session, now, live, name| {
        assert_eq!(find(store, &session.key, now).is_some(), live, "{name}");
        assert!(delete(store, session), "{name}");
        assert_absent(store, &session.key, start());
    });
}

/// Checks that a touched session live until the last millisecond of its new idle lifetime.
pub fn touched_session_expires_to_the_millisecond(store: &dyn SessionStore) {
    let session = visitor(1);
    add(store, &session);
    touch(store, &session.key, start_plus(1_001));
    let end = start_plus(1_001).after(IDLE);
    assert!(find(store, &session.key, just_before(end)).is_some());
    assert_absent(store, &session.key, end);
    assert_eq!(purge(store, just_before(end), 10), 0);
    assert_eq!(purge(store, end, 10), 1);
}

/// Checks that a session with a lifetime of zero can be inserted and is expired from the start.
pub fn session_with_zero_lifetime_is_expired(store: &dyn SessionStore) {
    let session = Session {
        lifetime: Lifetime {
            idle: Duration::ZERO,
            absolute: IDLE,
        },
        ..visitor(1)
    };
    add(store, &session);
    assert_absent(store, &session.key, start());
    assert_holds(store, &session, just_before(start()));
    assert_eq!(purge(store, start(), 10), 1);
}

/// Checks that a session is live if its creation time is later than `now`, as when clocks of two
/// machines differ.
pub fn session_created_in_the_future_is_live(store: &dyn SessionStore) {
    let session = Session {
        created_at: start_plus(60_000),
        last_seen_at: start_plus(60_000),
        ..visitor(1)
    };
    add(store, &session);
    assert_holds(store, &session, start());
    touch(store, &session.key, start());
    assert_holds(store, &session, start());
    assert_eq!(purge(store, start(), 10), 0);
}
