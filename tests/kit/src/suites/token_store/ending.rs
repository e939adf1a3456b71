//! Ends of tokens: one, all of an account, and those that have expired.

use kunci_domain::ports::TokenStore;
use kunci_domain::{OneTimeToken, Purpose};

use super::steps::{
    add, assert_dead, assert_gone, assert_holds, end, end_plus, give_back, purge, spend, void, void_all_of,
};
use crate::samples::{invitation, start, token_for, user_id};

/// Voiding removes the one token and no other; its key is free again.
pub fn voiding_removes_the_token_and_no_other(store: &dyn TokenStore) {
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

/// It may be repeated, and asked of nothing.
pub fn voiding_may_be_repeated(store: &dyn TokenStore) {
    add(store, &invitation(1));
    assert!(void(store, &invitation(1)));
    assert!(!void(store, &invitation(1)));
    assert!(!void(store, &invitation(2)));
}

/// Who is told that a token was live may rely on it; what was dead is removed all the same.
pub fn voiding_a_dead_token_removes_it_and_says_that_it_was_none(store: &dyn TokenStore) {
    let spent = invitation(1);
    let expired = OneTimeToken {
        expires_at: start(),
        ..invitation(2)
    };
    add(store, &spent);
    add(store, &expired);
    assert!(spend(store, &spent).is_some());
    for dead in [&spent, &expired] {
        assert!(!void(store, dead));
        give_back(store, dead);
        assert_dead(store, dead);
        add(store, dead);
    }
}

/// An account loses all of its tokens, and nobody else any.
pub fn voiding_all_of_an_account_leaves_everybody_else(store: &dyn TokenStore) {
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

/// Nobody has no tokens.
pub fn voiding_all_of_an_account_may_be_repeated(store: &dyn TokenStore) {
    add(store, &token_for(1, user_id(1), Purpose::SignIn));
    assert_eq!(void_all_of(store, user_id(1)), 1);
    assert_eq!(void_all_of(store, user_id(1)), 0);
    assert_eq!(void_all_of(store, user_id(2)), 0);
}

/// A use that somebody is about to give back is gone with the rest.
pub fn voiding_all_of_an_account_finds_spent_tokens(store: &dyn TokenStore) {
    let spent = token_for(1, user_id(1), Purpose::SignIn);
    add(store, &spent);
    assert!(spend(store, &spent).is_some());
    void_all_of(store, user_id(1));
    assert_gone(store, &spent);
}

/// What lives stays, and so does what was used up, since a use of it may be given back.
pub fn a_purge_removes_only_the_expired(store: &dyn TokenStore) {
    let spent = invitation(1);
    let living = token_for(2, user_id(1), Purpose::SignIn);
    let expired = OneTimeToken {
        expires_at: start(),
        ..token_for(3, user_id(2), Purpose::SignIn)
    };
    for token in [&spent, &living, &expired] {
        add(store, token);
    }
    assert!(spend(store, &spent).is_some());
    assert_eq!(purge(store, start(), 10), 1);
    assert_gone(store, &expired);
    assert_holds(store, &living);
    give_back(store, &spent);
    assert_holds(store, &spent);
}

/// A purge takes small bites.
pub fn a_purge_honours_its_limit(store: &dyn TokenStore) {
    for number in 0..7 {
        add(store, &invitation(number));
    }
    assert_eq!(purge(store, end(), 0), 0);
    for removed in [3, 3, 1, 0] {
        assert_eq!(purge(store, end(), 3), removed);
    }
}

/// Fewer than the limit means that none is left, of whatever kind they were.
pub fn a_purge_that_falls_short_has_removed_all(store: &dyn TokenStore) {
    for number in 0..5 {
        add(store, &invitation(number));
    }
    add(store, &token_for(5, user_id(1), Purpose::ConfirmAddress));
    assert!(spend(store, &invitation(0)).is_some());
    assert_eq!(purge(store, end_plus(5), u32::MAX), 6);
    assert_eq!(purge(store, end_plus(5), u32::MAX), 0);
}

/// Where nothing is, nothing is removed.
pub fn a_purge_of_an_empty_store_removes_nothing(store: &dyn TokenStore) {
    assert_eq!(purge(store, end(), 10), 0);
}

/// What was purged is gone, also for a clock that is set back.
pub fn a_purged_token_is_gone_for_every_method(store: &dyn TokenStore) {
    let token = token_for(1, user_id(1), Purpose::SignIn);
    add(store, &token);
    assert_eq!(purge(store, end(), 10), 1);
    assert_gone(store, &token);
    assert_eq!(void_all_of(store, user_id(1)), 0);
    add(store, &token);
    assert_holds(store, &token);
}
