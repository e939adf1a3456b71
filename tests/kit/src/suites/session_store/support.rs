//! Helpers of the promises: port calls that must not fail, and assertions.
//!
//! If the store returns an error, the promise fails at the line of the call.

use std::time::Duration;

use kunci_domain::ports::{Inserted, Rotated, SessionStore, Updated};
use kunci_domain::{Lifetime, Session, SessionKey, Timestamp, UserId, whole_millis};

use crate::samples;

/// One millisecond.
pub(super) const TICK: Duration = Duration::from_millis(1);

/// Inserts a session whose key must be free.
#[track_caller]
pub(super) fn add(store: &dyn SessionStore, session: &Session) {
    assert_eq!(
        insert(store, session),
        Inserted::Done,
        "insert refused a free key"
    );
}

#[track_caller]
pub(super) fn insert(store: &dyn SessionStore, session: &Session) -> Inserted {
    store.insert(session).expect("insert")
}

#[track_caller]
pub(super) fn find(store: &dyn SessionStore, key: &SessionKey, now: Timestamp) -> Option<Session> {
    store.find(key, now).expect("find")
}

#[track_caller]
pub(super) fn update(store: &dyn SessionStore, session: &Session, now: Timestamp) -> Updated {
    store.update(session, now).expect("update")
}

/// Touches a session and forces the touch to be written.
#[track_caller]
pub(super) fn touch(store: &dyn SessionStore, key: &SessionKey, now: Timestamp) {
    let _ = store.touch(key, now).expect("touch");
    settle(store);
}

/// Forces pending touches to be written, by deleting a session that does not exist.
///
/// Touches are applied before any later write, so any write will do.
#[track_caller]
pub(super) fn settle(store: &dyn SessionStore) {
    delete(store, &samples::visitor(u64::MAX));
}

#[track_caller]
pub(super) fn rotate(store: &dyn SessionStore, old: &Session, new: &Session, now: Timestamp) -> Rotated {
    store.rotate(old, new, now).expect("rotate")
}

#[track_caller]
pub(super) fn delete(store: &dyn SessionStore, session: &Session) -> bool {
    store.delete(session).expect("delete")
}

#[track_caller]
pub(super) fn delete_all_of(store: &dyn SessionStore, user: UserId) -> u64 {
    store.delete_all_of(user).expect("delete_all_of")
}

#[track_caller]
pub(super) fn purge(store: &dyn SessionStore, now: Timestamp, limit: u32) -> u64 {
    store.purge_expired(now, limit).expect("purge_expired")
}

#[track_caller]
pub(super) fn list(
    store: &dyn SessionStore,
    user: Option<UserId>,
    after: Option<&SessionKey>,
    limit: u32,
    now: Timestamp,
) -> Vec<Session> {
    store.list(user, after, limit, now).expect("list")
}

/// Asserts that the store returns this session, with durations as stores keep them.
#[track_caller]
pub(super) fn assert_holds(store: &dyn SessionStore, session: &Session, now: Timestamp) {
    let found = find(store, &session.key, now).expect("the session is missing");
    assert_eq!(as_kept(&found), as_kept(session));
}

#[track_caller]
pub(super) fn assert_absent(store: &dyn SessionStore, key: &SessionKey, now: Timestamp) {
    assert_eq!(find(store, key, now), None, "this session must not exist");
}

/// Returns a session as stores keep it: durations in whole milliseconds, up to the maximum of an `i64`.
pub(super) fn as_kept(session: &Session) -> Session {
    let rounded = |duration| Duration::from_millis(whole_millis(duration).unsigned_abs());
    Session {
        lifetime: Lifetime {
            idle: rounded(session.lifetime.idle),
            absolute: rounded(session.lifetime.absolute),
        },
        ..session.clone()
    }
}

/// Returns the time one millisecond before `time`.
pub(super) fn just_before(time: Timestamp) -> Timestamp {
    Timestamp::from_unix_millis(time.unix_millis() - 1)
}
