//! Promises about listing sessions: content, order and pages.

use kunci_domain::ports::{Rotated, SessionStore, Updated};
use kunci_domain::{Session, SessionKey, Timestamp};

use super::support::{add, as_kept, delete, find, just_before, list, rotate, touch, update};
use crate::samples::{IDLE, key, neighbour, signed_in, start, start_plus, user_id, values, visitor};

/// Adds twelve sessions, in turn of a visitor and of two users, and returns them in key order.
fn add_twelve(store: &dyn SessionStore) -> Vec<Session> {
    let mut sessions: Vec<Session> = (0..12)
        .map(|number| match number % 3 {
            0 => visitor(number),
            user => signed_in(number, user_id(user)),
        })
        .collect();
    sessions.iter().for_each(|session| add(store, session));
    sessions.sort_by_key(|session| session.key);
    sessions
}

fn keys(sessions: &[Session]) -> Vec<SessionKey> {
    sessions.iter().map(|session| session.key).collect()
}

/// Checks that all sessions are listed with every field, in the order of their keys.
pub fn sessions_are_listed_in_key_order(store: &dyn SessionStore) {
    let want = add_twelve(store);
    let listed = list(store, None, None, 100, start());
    assert_eq!(keys(&listed), keys(&want));
    for (listed, want) in listed.iter().zip(&want) {
        assert_eq!(as_kept(listed), as_kept(want));
    }
}

/// Checks that an empty store lists nothing, for all users and for one.
pub fn empty_store_lists_nothing(store: &dyn SessionStore) {
    assert_eq!(list(store, None, None, 10, start()), []);
    assert_eq!(list(store, Some(user_id(1)), None, 10, start()), []);
}

/// Checks that a list for one user has all of their sessions and no others.
pub fn sessions_of_other_users_are_not_listed(store: &dyn SessionStore) {
    let all = add_twelve(store);
    for user in [1, 2, 3].map(user_id) {
        let want = all.iter().filter(|session| session.user() == Some(user));
        let want: Vec<SessionKey> = want.map(|session| session.key).collect();
        assert_eq!(keys(&list(store, Some(user), None, 100, start())), want);
    }
}

/// Checks that consecutive pages of any size contain each session exactly once.
pub fn pages_cover_everything_exactly_once(store: &dyn SessionStore) {
    add_twelve(store);
    for user in [None, Some(user_id(1))] {
        let all = keys(&list(store, user, None, 100, start()));
        for limit in [1, 2, 5, 12, 13] {
            assert_eq!(all_pages(store, user, limit), all, "pages of {limit}");
        }
    }
}

fn all_pages(store: &dyn SessionStore, user: Option<kunci_domain::UserId>, limit: u32) -> Vec<SessionKey> {
    let mut listed: Vec<SessionKey> = Vec::new();
    // More rounds than pages, but not endless: a store may return the same page again and again.
    for _ in 0..20 {
        let page = list(store, user, listed.last(), limit, start());
        assert!(page.len() <= limit as usize);
        listed.extend(keys(&page));
    }
    listed
}

/// Checks that a page can start after a key that does not exist, such as one that was deleted.
pub fn page_can_start_after_a_missing_key(store: &dyn SessionStore) {
    let all = add_twelve(store);
    assert!(delete(store, &all[5]));
    let listed = list(store, None, Some(&all[5].key), 3, start());
    assert_eq!(keys(&listed), keys(&all[6..9]));
    let absent = neighbour(&all[7].key);
    let from = if absent < all[7].key { 7 } else { 8 };
    let listed = list(store, None, Some(&absent), 2, start());
    assert_eq!(keys(&listed), keys(&all[from..from + 2]));
    assert_eq!(
        list(
            store,
            None,
            Some(&SessionKey::from_stored([0xff; 32])),
            5,
            start()
        ),
        []
    );
    let first = list(store, None, Some(&SessionKey::from_stored([0; 32])), 1, start());
    assert_eq!(keys(&first), keys(&all[..1]));
}

/// Checks that a limit of zero returns an empty page.
pub fn limit_of_zero_lists_nothing(store: &dyn SessionStore) {
    add_twelve(store);
    assert_eq!(list(store, None, None, 0, start()), []);
    assert_eq!(list(store, Some(user_id(1)), None, 0, start()), []);
}

/// Checks that a session is listed until its last millisecond, and that expired sessions do not count
/// towards the limit.
pub fn only_live_sessions_are_listed(store: &dyn SessionStore) {
    let all = add_twelve(store);
    let touched = all.iter().skip(1).step_by(2);
    touched
        .clone()
        .for_each(|session| touch(store, &session.key, start_plus(1_000)));
    let end = start().after(IDLE);
    assert_eq!(list(store, None, None, 100, just_before(end)).len(), 12);
    let want: Vec<SessionKey> = touched.map(|session| session.key).collect();
    assert_eq!(keys(&list(store, None, None, 100, end)), want);
    assert_eq!(keys(&list(store, None, None, 3, end)), want[..3]);
    let of_user = list(store, Some(user_id(1)), None, 100, start_plus(1_000).after(IDLE));
    assert_eq!(of_user, []);
}

/// Checks that a list returns the same sessions as `find` after each kind of write.
pub fn list_reflects_every_write(store: &dyn SessionStore) {
    let session = signed_in(1, user_id(1));
    add(store, &session);
    let changed = Session {
        data: values([("page", 2.into())]),
        ..session
    };
    assert_eq!(update(store, &changed, start()), Updated::Done);
    assert_listed_is_found(store, &changed.key, start());
    touch(store, &changed.key, start_plus(5));
    assert_listed_is_found(store, &changed.key, start_plus(5));
    let old = find(store, &changed.key, start()).expect("the session is missing");
    assert_eq!(
        rotate(store, &old, &signed_in(2, user_id(2)), start()),
        Rotated::Done
    );
    assert_eq!(list(store, Some(user_id(1)), None, 10, start()), []);
    assert_listed_is_found(store, &key(2), start());
    assert!(delete(store, &visitor(2)));
    assert_eq!(list(store, None, None, 10, start()), []);
}

#[track_caller]
fn assert_listed_is_found(store: &dyn SessionStore, key: &SessionKey, now: Timestamp) {
    let found = find(store, key, now);
    assert!(found.is_some());
    assert_eq!(list(store, None, None, 10, now).into_iter().next(), found);
}
