//! The small steps that promises are made of: calls that must not fail, and comparisons.
//!
//! A store that answers with an error fails the promise at the line that asked.

use std::time::Duration;

use kunci_domain::ports::{Inserted, Rotated, SessionDirectory, SessionStore, Updated};
use kunci_domain::{Lifetime, Session, SessionKey, Timestamp, UserId, whole_millis};

use crate::samples;

/// One millisecond.
pub(super) const TICK: Duration = Duration::from_millis(1);

/// Adds a session that must not be there yet.
#[track_caller]
pub(super) fn add(store: &dyn SessionStore, session: &Session) {
    assert_eq!(insert(store, session), Inserted::Done, "a new key was refused");
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

/// Touches, and makes sure that it is written: a write that is asked for afterwards comes after it.
#[track_caller]
pub(super) fn touch(store: &dyn SessionStore, key: &SessionKey, now: Timestamp) {
    let _ = store.touch(key, now).expect("touch");
    settle(store);
}

/// Any write will do, since a touch comes before whatever is asked for after it.
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
    store: &dyn SessionDirectory,
    user: Option<UserId>,
    after: Option<&SessionKey>,
    limit: u32,
    now: Timestamp,
) -> Vec<Session> {
    store.list(user, after, limit, now).expect("list")
}

/// The store must hold exactly this, as far as a store keeps it.
#[track_caller]
pub(super) fn assert_holds(store: &dyn SessionStore, session: &Session, now: Timestamp) {
    let found = find(store, &session.key, now).expect("the session is not there");
    assert_eq!(as_kept(&found), as_kept(session));
}

#[track_caller]
pub(super) fn assert_absent(store: &dyn SessionStore, key: &SessionKey, now: Timestamp) {
    assert_eq!(find(store, key, now), None, "a session is there that must not be");
}

/// A session as stores keep it: durations in whole milliseconds, at most as many as an `i64` holds.
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

/// The moment one millisecond before `time`.
pub(super) fn just_before(time: Timestamp) -> Timestamp {
    Timestamp::from_unix_millis(time.unix_millis() - 1)
}
