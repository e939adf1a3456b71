//! Promises about the expiry of tokens, per method: a token is live while `now < expires_at`.

use kunci_domain::ports::TokenStore;
use kunci_domain::{OneTimeToken, Purpose, Timestamp};

use super::support::{add, assert_holds, assert_not_live, end_plus, find, purge, spend, spend_at};
use crate::samples::{invitation, link_key, start};

/// Milliseconds relative to the expiry, and whether the token is live then.
const AROUND_EXPIRY: [(i64, bool); 4] = [(-1, true), (0, false), (1, false), (1_000_000, false)];

/// Asserts that `ask` returns `true` exactly while a fresh token is live.
#[track_caller]
fn check_around_expiry(store: &dyn TokenStore, ask: impl Fn(&OneTimeToken, Timestamp) -> bool) {
    for (number, (millis, live)) in (1..).zip(AROUND_EXPIRY) {
        let token = invitation(number);
        add(store, &token);
        let answer = ask(&token, end_plus(millis));
        assert_eq!(answer, live, "{millis} ms from expiry");
    }
}

/// Checks that `find` returns a token until its last millisecond.
pub fn find_respects_expiry_to_the_millisecond(store: &dyn TokenStore) {
    check_around_expiry(store, |token, now| find(store, &token.key, now).is_some());
}

/// Checks that `spend` succeeds until the last millisecond and takes no use from an expired token.
pub fn spend_respects_expiry_to_the_millisecond(store: &dyn TokenStore) {
    check_around_expiry(store, |token, now| {
        let spent = spend_at(store, token, now).is_some();
        assert_eq!(find(store, &token.key, start()).is_none(), spent);
        spent
    });
}

/// Checks that `give_back` has an effect until the last millisecond.
pub fn give_back_respects_expiry_to_the_millisecond(store: &dyn TokenStore) {
    check_around_expiry(store, |token, now| {
        assert!(spend(store, token).is_some());
        store.give_back(&token.key, now).expect("give_back");
        find(store, &token.key, start()).is_some()
    });
}

/// Checks that `give_back` does not make an expired token live.
pub fn give_back_revives_no_expired_token(store: &dyn TokenStore) {
    let token = invitation(1);
    add(store, &token);
    assert!(spend_at(store, &token, end_plus(-1)).is_some());
    for millis in [0, 1] {
        store.give_back(&token.key, end_plus(millis)).expect("give_back");
        assert_eq!(find(store, &token.key, end_plus(millis)), None);
        assert_eq!(spend_at(store, &token, end_plus(millis)), None);
    }
    assert_not_live(store, &token);
}

/// Checks that `void` returns `true` until the last millisecond.
pub fn void_respects_expiry_to_the_millisecond(store: &dyn TokenStore) {
    check_around_expiry(store, |token, now| store.void(&token.key, now).expect("void"));
}

/// Checks that `list` returns a token until its last millisecond.
pub fn list_respects_expiry_to_the_millisecond(store: &dyn TokenStore) {
    check_around_expiry(store, |token, now| {
        let listed = store.list(Purpose::Invitation, None, 10, now).expect("list");
        assert!(listed.len() <= 4);
        listed.contains(token)
    });
}

/// Checks that a purge keeps a token until its last millisecond.
pub fn purge_respects_expiry_to_the_millisecond(store: &dyn TokenStore) {
    check_around_expiry(store, |token, now| {
        purge(store, now, 10);
        find(store, &token.key, start()).is_some()
    });
}

/// Checks that a token is never live if it expires at or before its creation, or has no uses.
pub fn token_without_lifetime_or_uses_is_never_live(store: &dyn TokenStore) {
    let without_time = OneTimeToken {
        expires_at: start(),
        ..invitation(1)
    };
    let backwards = OneTimeToken {
        expires_at: Timestamp::from_unix_millis(i64::MIN),
        ..invitation(2)
    };
    let without_uses = OneTimeToken {
        uses_left: 0,
        ..invitation(3)
    };
    for token in [without_time, backwards, without_uses] {
        add(store, &token);
        assert_not_live(store, &token);
        assert_eq!(spend(store, &token), None);
    }
    add(store, &invitation(4));
    assert_holds(store, &invitation(4));
    let listed = store.list(Purpose::Invitation, None, 10, start()).expect("list");
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].key, link_key(4));
}
