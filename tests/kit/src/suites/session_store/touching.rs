//! Promises about touches: what they change, how far they extend a session, and when they become visible.

use std::time::Duration;

use kunci_domain::ports::{Inserted, Rotated, SessionStore, Touched, Updated};
use kunci_domain::{Lifetime, Session, SessionKey, Timestamp};

use super::support::{
    add, assert_absent, assert_holds, delete, delete_all_of, find, insert, just_before, purge, rotate,
    settle, touch, update,
};
use crate::samples::{ABSOLUTE, IDLE, key, signed_in, start, start_plus, user_id, values, visitor};

/// Checks that a touch extends a session by its idle lifetime and changes nothing else, not even the
/// revision.
pub fn touch_changes_only_the_last_seen_time(store: &dyn SessionStore) {
    let session = signed_in(1, user_id(1));
    add(store, &session);
    touch(store, &session.key, start_plus(60_007));
    let seen = Session {
        last_seen_at: start_plus(60_007),
        ..session
    };
    assert_holds(store, &seen, start_plus(60_007));
    let end = start_plus(60_007).after(IDLE);
    assert_holds(store, &seen, just_before(end));
    assert_absent(store, &seen.key, end);
}

/// Checks that a touch is visible once any later write through the same handle has returned.
pub fn touch_is_visible_after_any_later_write(store: &dyn SessionStore) {
    let spare = |number| signed_in(number, user_id(number));
    let writes: [fn(&dyn SessionStore, &Session); 6] = [
        |store, other| {
            assert_eq!(
                insert(
                    store,
                    &Session {
                        key: key(99),
                        ..other.clone()
                    }
                ),
                Inserted::Done
            )
        },
        |store, other| assert_eq!(update(store, other, start()), Updated::Done),
        |store, other| {
            let new = Session {
                key: key(98),
                ..other.clone()
            };
            assert_eq!(rotate(store, other, &new, start()), Rotated::Done);
        },
        |store, other| assert!(delete(store, other)),
        |store, _| assert_eq!(delete_all_of(store, user_id(5)), 1),
        |store, _| assert_eq!(purge(store, start(), 10), 0),
    ];
    for (number, write) in (1..).zip(writes) {
        let touched = visitor(100 + number);
        add(store, &touched);
        add(store, &spare(number));
        assert_eq!(
            store.touch(&touched.key, start_plus(5)).expect("touch"),
            Touched::Done
        );
        write(store, &spare(number));
        assert_eq!(
            last_seen(store, &touched.key),
            Some(start_plus(5)),
            "write {number}"
        );
    }
}

/// Checks that an update of a touched session sees the touch, even after the old expiry.
pub fn touch_applies_before_a_later_update(store: &dyn SessionStore) {
    let session = visitor(1);
    add(store, &session);
    let late = just_before(session.expires_at());
    assert_eq!(store.touch(&session.key, late).expect("touch"), Touched::Done);
    let after_old_end = late.after(Duration::from_secs(60));
    assert_eq!(update(store, &session, after_old_end), Updated::Done);
    let written = Session {
        last_seen_at: late,
        revision: session.revision.next(),
        ..session
    };
    assert_holds(store, &written, after_old_end);
}

/// Checks that a purge at the old expiry keeps a session that was touched before.
pub fn touched_session_survives_a_later_purge(store: &dyn SessionStore) {
    let session = visitor(1);
    add(store, &session);
    let old_end = session.expires_at();
    let _ = store.touch(&session.key, just_before(old_end)).expect("touch");
    assert_eq!(purge(store, old_end, 10), 0);
    assert!(find(store, &session.key, old_end).is_some());
}

/// Checks that touches with earlier times, as when requests overtake each other, do not move the
/// last-seen time back.
pub fn last_seen_time_never_moves_back(store: &dyn SessionStore) {
    let session = visitor(1);
    add(store, &session);
    for (at, want) in [(50, 50), (20, 50), (50, 50), (51, 51), (0, 51), (-5, 51)] {
        touch(store, &session.key, start_plus(at));
        assert_eq!(
            last_seen(store, &session.key),
            Some(start_plus(want)),
            "after a touch at {at}"
        );
    }
}

/// Checks that several pending touches have the same effect as if each had been written at once.
pub fn consecutive_touches_all_apply(store: &dyn SessionStore) {
    let session = visitor(1);
    add(store, &session);
    let half = IDLE / 2;
    let mut now = start();
    for _ in 0..3 {
        now = now.after(half);
        let _ = store.touch(&session.key, now).expect("touch");
    }
    settle(store);
    assert_eq!(
        find(store, &session.key, now).map(|found| found.last_seen_at),
        Some(now)
    );
}

/// Checks that a session which is touched continuously still ends at its absolute lifetime.
pub fn touch_never_extends_past_absolute_lifetime(store: &dyn SessionStore) {
    let session = visitor(1);
    add(store, &session);
    let end = session.created_at.after(ABSOLUTE);
    let mut now = start();
    while now < just_before(end) {
        now = now.after(IDLE / 2).min(just_before(end));
        touch(store, &session.key, now);
    }
    assert!(find(store, &session.key, just_before(end)).is_some());
    assert_absent(store, &session.key, end);
    touch(store, &session.key, end);
    assert_absent(store, &session.key, end);
}

/// Checks that a touch of an unknown session creates nothing.
pub fn touch_of_unknown_session_creates_nothing(store: &dyn SessionStore) {
    touch(store, &key(1), start());
    assert_absent(store, &key(1), start());
}

/// Checks that a touch after `delete` does not bring the session back.
pub fn touch_after_delete_creates_nothing(store: &dyn SessionStore) {
    let session = signed_in(1, user_id(1));
    add(store, &session);
    assert!(delete(store, &session));
    touch(store, &session.key, start_plus(5));
    assert_absent(store, &session.key, start());
}

/// Checks that an update succeeds from a revision that was read before a touch.
pub fn touch_does_not_make_an_update_stale(store: &dyn SessionStore) {
    let session = visitor(1);
    add(store, &session);
    touch(store, &session.key, start_plus(5));
    let changed = Session {
        data: values([("kept", true.into())]),
        ..session
    };
    assert_eq!(update(store, &changed, start_plus(6)), Updated::Done);
    assert_eq!(last_seen(store, &changed.key), Some(start_plus(5)));
}

/// Checks that a touch near the limits of the time type saturates instead of wrapping.
pub fn touch_with_maximum_lifetime_saturates(store: &dyn SessionStore) {
    let at = Timestamp::from_unix_millis;
    let rows = [
        (at(0), at(1), Duration::MAX, Duration::MAX),
        (at(0), at(i64::MAX - 2), Duration::MAX, Duration::MAX),
        (at(i64::MIN), at(-5), Duration::MAX, Duration::MAX),
        (
            at(i64::MIN),
            at(i64::MIN + 7),
            Duration::from_millis(100),
            Duration::MAX,
        ),
        (
            at(i64::MAX - 50),
            at(i64::MAX - 20),
            Duration::from_millis(40),
            Duration::from_millis(45),
        ),
    ];
    for (number, (created_at, now, idle, absolute)) in (1..).zip(rows) {
        let mut session = Session {
            created_at,
            last_seen_at: created_at,
            lifetime: Lifetime { idle, absolute },
            ..visitor(number)
        };
        add(store, &session);
        touch(store, &session.key, now);
        if session.is_live(now) {
            session.see(now);
        }
        let end = session.expires_at();
        assert_holds(store, &session, just_before(end));
        assert_absent(store, &session.key, end);
    }
}

#[track_caller]
fn last_seen(store: &dyn SessionStore, key: &SessionKey) -> Option<Timestamp> {
    find(store, key, start_plus(60)).map(|found| found.last_seen_at)
}
