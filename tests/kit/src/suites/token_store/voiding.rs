//! Promises about voiding one token, voiding all tokens of an account, and purging expired tokens.

use kunci_domain::ports::TokenStore;
use kunci_domain::{OneTimeToken, Purpose};

use super::support::{
    add, assert_gone, assert_holds, assert_not_live, end, end_plus, give_back, purge, spend, void,
    void_all_of,
};
use crate::samples::{invitation, start, token_for, user_id};

/// Checks that `void` removes the given token, frees its key, and leaves other tokens.
pub fn void_removes_only_that_token(store: &dyn TokenStore) {
    let (one, other) = (
        token_for(1, user_id(1), Purpose::SignIn),
        token_for(2, user_id(1), Purpose::ResetPassword),
    );
    add(store, &one);
    add(store, &other);
    assert!(void(store, &one));
    assert_gone(store, &one);
    assert_holds(store, &other);
    add(store, &one);
    assert_holds(store, &one);
    assert_holds(store, &other);
}

/// Checks that `void` returns `false` when it is repeated or the token is unknown.
pub fn void_can_be_repeated(store: &dyn TokenStore) {
    add(store, &invitation(1));
    assert!(void(store, &invitation(1)));
    assert!(!void(store, &invitation(1)));
    assert!(!void(store, &invitation(2)));
}

/// Checks that voiding a spent or expired token returns `false` and still removes it.
///
/// `true` means that the token was live.
pub fn void_of_spent_or_expired_token_returns_false(store: &dyn TokenStore) {
    let spent = invitation(1);
    let expired = OneTimeToken {
        expires_at: start(),
        ..invitation(2)
    };
    add(store, &spent);
    add(store, &expired);
    assert!(spend(store, &spent).is_some());
    for unusable in [&spent, &expired] {
        assert!(!void(store, unusable));
        give_back(store, unusable);
        assert_not_live(store, unusable);
        add(store, unusable);
    }
}

/// Checks that `void_all_of` removes all tokens of an account, of every purpose, and no others.
pub fn void_all_of_user_leaves_other_tokens(store: &dyn TokenStore) {
    let own: Vec<_> = (1..)
        .zip(Purpose::ALL)
        .map(|(number, purpose)| token_for(number, user_id(1), purpose))
        .collect();
    let others = [token_for(50, user_id(2), Purpose::ResetPassword), invitation(51)];
    for token in own.iter().chain(&others) {
        add(store, token);
    }
    assert_eq!(void_all_of(store, user_id(1)), 6);
    for token in &own {
        assert_gone(store, token);
    }
    for token in &others {
        assert_holds(store, token);
    }
}

/// Checks that `void_all_of` returns zero when it is repeated or the user has no token.
pub fn void_all_of_user_can_be_repeated(store: &dyn TokenStore) {
    add(store, &token_for(1, user_id(1), Purpose::SignIn));
    assert_eq!(void_all_of(store, user_id(1)), 1);
    assert_eq!(void_all_of(store, user_id(1)), 0);
    assert_eq!(void_all_of(store, user_id(2)), 0);
}

/// Checks that `void_all_of` removes spent tokens too, so that their use cannot be given back.
pub fn void_all_of_user_removes_spent_tokens(store: &dyn TokenStore) {
    let spent = token_for(1, user_id(1), Purpose::SignIn);
    add(store, &spent);
    assert!(spend(store, &spent).is_some());
    void_all_of(store, user_id(1));
    assert_gone(store, &spent);
}

/// Checks that a purge keeps live tokens and spent ones, since a use of a spent token may be given
/// back.
pub fn purge_removes_only_expired_tokens(store: &dyn TokenStore) {
    let spent = invitation(1);
    let live = token_for(2, user_id(1), Purpose::SignIn);
    let expired = OneTimeToken {
        expires_at: start(),
        ..token_for(3, user_id(2), Purpose::SignIn)
    };
    for token in [&spent, &live, &expired] {
        add(store, token);
    }
    assert!(spend(store, &spent).is_some());
    assert_eq!(purge(store, start(), 10), 1);
    assert_gone(store, &expired);
    assert_holds(store, &live);
    give_back(store, &spent);
    assert_holds(store, &spent);
}

/// Checks that a purge removes at most `limit` tokens.
pub fn purge_respects_its_limit(store: &dyn TokenStore) {
    for number in 0..7 {
        add(store, &invitation(number));
    }
    assert_eq!(purge(store, end(), 0), 0);
    for removed in [3, 3, 1, 0] {
        assert_eq!(purge(store, end(), 3), removed);
    }
}

/// Checks that no expired token of any kind is left when a purge returns less than its limit.
pub fn purge_below_its_limit_leaves_nothing_expired(store: &dyn TokenStore) {
    for number in 0..5 {
        add(store, &invitation(number));
    }
    add(store, &token_for(5, user_id(1), Purpose::ConfirmAddress));
    assert!(spend(store, &invitation(0)).is_some());
    assert_eq!(purge(store, end_plus(5), u32::MAX), 6);
    assert_eq!(purge(store, end_plus(5), u32::MAX), 0);
}

/// Checks that a purge of an empty store returns zero.
pub fn purge_of_empty_store_removes_nothing(store: &dyn TokenStore) {
    assert_eq!(purge(store, end(), 10), 0);
}

/// Checks that no method finds a purged token, even if the clock is set back, and that its key is free.
pub fn purged_token_is_gone_for_every_method(store: &dyn TokenStore) {
    let token = token_for(1, user_id(1), Purpose::SignIn);
    add(store, &token);
    assert_eq!(purge(store, end(), 10), 1);
    assert_gone(store, &token);
    assert_eq!(void_all_of(store, user_id(1)), 0);
    add(store, &token);
    assert_holds(store, &token);
}
