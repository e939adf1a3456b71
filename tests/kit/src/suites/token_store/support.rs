//! Helpers of the promises: port calls that must not fail, assertions, and the expiry of the samples.

use kunci_domain::ports::{Inserted, TokenStore};
use kunci_domain::{LinkKey, OneTimeToken, Purpose, Timestamp, UserId};

use crate::samples::{TOKEN_LIFETIME, start};

/// Returns the expiry of all sample tokens.
pub(super) fn end() -> Timestamp {
    start().after(TOKEN_LIFETIME)
}

/// Returns the time `millis` milliseconds after the expiry of all sample tokens.
pub(super) fn end_plus(millis: i64) -> Timestamp {
    Timestamp::from_unix_millis(end().unix_millis() + millis)
}

/// Issues a token whose key must be free.
#[track_caller]
pub(super) fn add(store: &dyn TokenStore, token: &OneTimeToken) {
    assert_eq!(issue(store, token), Inserted::Done, "issue refused a free key");
}

#[track_caller]
pub(super) fn issue(store: &dyn TokenStore, token: &OneTimeToken) -> Inserted {
    store.issue(token).expect("issue")
}

#[track_caller]
pub(super) fn find(store: &dyn TokenStore, key: &LinkKey, now: Timestamp) -> Option<OneTimeToken> {
    store.find(key, now).expect("find")
}

/// Spends a token for its own purpose, at the start time.
#[track_caller]
pub(super) fn spend(store: &dyn TokenStore, token: &OneTimeToken) -> Option<OneTimeToken> {
    spend_at(store, token, start())
}

#[track_caller]
pub(super) fn spend_at(store: &dyn TokenStore, token: &OneTimeToken, now: Timestamp) -> Option<OneTimeToken> {
    store.spend(&token.key, token.purpose, now).expect("spend")
}

/// Gives a use back at the start time.
#[track_caller]
pub(super) fn give_back(store: &dyn TokenStore, token: &OneTimeToken) {
    store.give_back(&token.key, start()).expect("give_back");
}

/// Voids a token at the start time.
#[track_caller]
pub(super) fn void(store: &dyn TokenStore, token: &OneTimeToken) -> bool {
    store.void(&token.key, start()).expect("void")
}

#[track_caller]
pub(super) fn void_all_of(store: &dyn TokenStore, user: UserId) -> u64 {
    store.void_all_of(user).expect("void_all_of")
}

#[track_caller]
pub(super) fn list(
    store: &dyn TokenStore,
    purpose: Purpose,
    after: Option<&LinkKey>,
    limit: u32,
) -> Vec<OneTimeToken> {
    store.list(purpose, after, limit, start()).expect("list")
}

#[track_caller]
pub(super) fn purge(store: &dyn TokenStore, now: Timestamp, limit: u32) -> u64 {
    store.purge_expired(now, limit).expect("purge_expired")
}

/// Asserts that the store returns exactly this token.
#[track_caller]
pub(super) fn assert_holds(store: &dyn TokenStore, token: &OneTimeToken) {
    assert_eq!(find(store, &token.key, start()).as_ref(), Some(token));
}

#[track_caller]
pub(super) fn assert_not_live(store: &dyn TokenStore, token: &OneTimeToken) {
    assert_eq!(
        find(store, &token.key, start()),
        None,
        "this token must not be live"
    );
}

/// Asserts that no method finds a token under the key.
#[track_caller]
pub(super) fn assert_gone(store: &dyn TokenStore, token: &OneTimeToken) {
    give_back(store, token);
    assert_not_live(store, token);
    assert_eq!(spend(store, token), None);
    assert!(!void(store, token));
    assert!(
        list(store, token.purpose, None, u32::MAX)
            .iter()
            .all(|listed| listed.key != token.key)
    );
}
