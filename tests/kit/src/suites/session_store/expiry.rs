//! The one boundary: at `now == expires_at` a session is dead, one millisecond before it lives, in every method.

use std::time::Duration;

use kunci_domain::ports::{Rotated, SessionStore, Updated};
use kunci_domain::{Lifetime, Session, Timestamp};

use super::steps::{
    TICK, add, assert_absent, assert_holds, delete, find, just_before, purge, rotate, touch, update,
};
use crate::samples::{IDLE, key, start, start_plus, values, visitor};

/// Where `now` lies, and whether the session lives then.
type Row = (&'static str, fn(Timestamp) -> Timestamp, bool);

const ROWS: [Row; 3] = [
    ("one millisecond before the end", just_before, true),
    ("at the end", |end| end, false),
    ("one millisecond after the end", |end| end.after(TICK), false),
];

/// One session that ends by being idle and one that ends by its absolute lifetime, for each row.
fn each_row(store: &dyn SessionStore, check: impl Fn(&Session, Timestamp, bool, &str)) {
    let lifetimes = [(IDLE, IDLE * 2), (IDLE, Duration::from_millis(1_801_003))];
    let mut number = 0;
    for (name, at, lives) in ROWS {
        for (idle, absolute) in lifetimes {
            number += 10;
            let session = Session {
                lifetime: Lifetime { idle, absolute },
                ..visitor(number)
            };
            add(store, &session);
            check(&session, at(session.expires_at()), lives, name);
            delete(store, &session);
        }
    }
}

/// Finding.
pub fn find_sees_a_session_until_its_last_millisecond(store: &dyn SessionStore) {
    each_row(store, |session, now, lives, name| {
        assert_eq!(find(store, &session.key, now).is_some(), lives, "{name}");
    });
}

/// Updating; a dead session stays as it was.
pub fn update_writes_to_a_session_until_its_last_millisecond(store: &dyn SessionStore) {
    each_row(store, |session, now, lives, name| {
        let changed = Session {
            data: values([("changed", true.into())]),
            last_seen_at: now,
            ..session.clone()
        };
        let want = if lives { Updated::Done } else { Updated::Gone };
        assert_eq!(update(store, &changed, now), want, "{name}");
        if lives {
            let found = find(store, &session.key, now).map(|found| found.data);
            assert_eq!(found, Some(changed.data), "{name}");
        } else {
            assert_holds(store, session, start());
        }
    });
}

/// An expired session is gone, not stale.
pub fn an_expired_session_is_gone_rather_than_stale(store: &dyn SessionStore) {
    let session = visitor(1);
    add(store, &session);
    assert_eq!(update(store, &session, start()), Updated::Done);
    assert_eq!(update(store, &session, session.expires_at()), Updated::Gone);
    assert_eq!(
        rotate(store, &session, &visitor(2), session.expires_at()),
        Rotated::Gone
    );
}

/// Touching; a dead session stays as it was, so that it cannot be woken.
pub fn touch_extends_a_session_until_its_last_millisecond(store: &dyn SessionStore) {
    each_row(store, |session, now, lives, name| {
        touch(store, &session.key, now);
        let want = if lives { now } else { session.last_seen_at };
        let found = find(store, &session.key, start()).map(|found| found.last_seen_at);
        assert_eq!(found, Some(want), "{name}");
    });
}

/// Rotating; a dead session stays as it was.
pub fn rotate_moves_a_session_until_its_last_millisecond(store: &dyn SessionStore) {
    each_row(store, |session, now, lives, name| {
        let new = Session {
            key: key(1_000_000),
            last_seen_at: now,
            ..session.clone()
        };
        let want = if lives { Rotated::Done } else { Rotated::Gone };
        assert_eq!(rotate(store, session, &new, now), want, "{name}");
        assert_eq!(find(store, &new.key, start()).is_some(), lives, "{name}");
        assert_eq!(find(store, &session.key, start()).is_some(), !lives, "{name}");
        delete(store, &new);
    });
}

/// Purging.
pub fn purge_spares_a_session_until_its_last_millisecond(store: &dyn SessionStore) {
    each_row(store, |session, now, lives, name| {
        assert_eq!(purge(store, now, 10), u64::from(!lives), "{name}");
        assert_eq!(find(store, &session.key, start()).is_some(), lives, "{name}");
    });
}

/// Deleting asks for no time: what is dead can be deleted.
pub fn delete_ignores_expiry(store: &dyn SessionStore) {
    each_row(store, |session, now, lives, name| {
        assert_eq!(find(store, &session.key, now).is_some(), lives, "{name}");
        assert!(delete(store, session), "{name}");
        assert_absent(store, &session.key, start());
    });
}

/// A session that is extended lives until the last millisecond of what it was given.
pub fn an_extended_session_ends_to_the_millisecond(store: &dyn SessionStore) {
    let session = visitor(1);
    add(store, &session);
    touch(store, &session.key, start_plus(1_001));
    let end = start_plus(1_001).after(IDLE);
    assert!(find(store, &session.key, just_before(end)).is_some());
    assert_absent(store, &session.key, end);
    assert_eq!(purge(store, just_before(end), 10), 0);
    assert_eq!(purge(store, end, 10), 1);
}

/// A session without any time is dead from the start, and is no error.
pub fn a_session_without_time_is_dead_at_once(store: &dyn SessionStore) {
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

/// The clock may be behind a session that another machine began.
pub fn a_session_from_the_future_lives(store: &dyn SessionStore) {
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
