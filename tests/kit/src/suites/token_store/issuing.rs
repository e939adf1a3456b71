//! Promises about issuing: a key is unique, and an account has one token per purpose.

use kunci_domain::ports::{Inserted, TokenStore};
use kunci_domain::{Epoch, OneTimeToken, Purpose};

use super::support::{add, assert_gone, assert_holds, assert_not_live, issue, purge, spend};
use crate::samples::{invitation, link_key, start, token_for, user_id};

/// Checks that issuing an existing key is a `Collision` and leaves the existing token unchanged.
pub fn issue_of_existing_key_collides(store: &dyn TokenStore) {
    let first = token_for(1, user_id(1), Purpose::ConfirmAddress);
    add(store, &first);
    for second in [
        invitation(1),
        token_for(1, user_id(2), Purpose::ResetPassword),
        first.clone(),
    ] {
        assert_eq!(issue(store, &second), Inserted::Collision);
        assert_holds(store, &first);
    }
}

/// Checks that the key of a spent or expired token stays taken, so that a used link cannot become valid
/// again.
pub fn key_of_spent_or_expired_token_stays_taken(store: &dyn TokenStore) {
    let expired = OneTimeToken {
        expires_at: start(),
        ..invitation(1)
    };
    add(store, &expired);
    assert_eq!(issue(store, &invitation(1)), Inserted::Collision);
    assert_not_live(store, &expired);
    let spent = invitation(2);
    add(store, &spent);
    assert!(spend(store, &spent).is_some());
    assert_eq!(issue(store, &spent), Inserted::Collision);
    assert_not_live(store, &spent);
}

/// Checks that a refused token does not replace the account's existing token.
pub fn collision_voids_no_token(store: &dyn TokenStore) {
    let kept = token_for(1, user_id(1), Purpose::SignIn);
    add(store, &kept);
    add(store, &invitation(2));
    let refused = OneTimeToken {
        key: link_key(2),
        ..kept.clone()
    };
    assert_eq!(issue(store, &refused), Inserted::Collision);
    assert_holds(store, &kept);
    assert_holds(store, &invitation(2));
}

/// Checks that only the latest token of an account and purpose is valid, whatever the epochs.
pub fn new_token_replaces_the_earlier_one(store: &dyn TokenStore) {
    let mut earlier = token_for(1, user_id(1), Purpose::ResetPassword);
    add(store, &earlier);
    for number in 2..5 {
        let later = OneTimeToken {
            account: Some((user_id(1), Epoch::from_stored(7 + i64::from(number == 3)))),
            ..token_for(number, user_id(1), Purpose::ResetPassword)
        };
        add(store, &later);
        assert_gone(store, &earlier);
        assert_holds(store, &later);
        earlier = later;
    }
}

/// Checks that a new token also removes a spent or expired one, so that a late `give_back` finds
/// nothing.
pub fn new_token_replaces_a_spent_or_expired_one(store: &dyn TokenStore) {
    let spent = token_for(1, user_id(1), Purpose::SignIn);
    add(store, &spent);
    assert!(spend(store, &spent).is_some());
    let expired = OneTimeToken {
        expires_at: start(),
        ..token_for(2, user_id(1), Purpose::ConfirmAddress)
    };
    add(store, &expired);
    for (number, unusable) in [(3, &spent), (4, &expired)] {
        let new = token_for(number, user_id(1), unusable.purpose);
        add(store, &new);
        assert_gone(store, unusable);
        assert_holds(store, &new);
    }
    assert_eq!(purge(store, start(), 10), 0, "an expired token was not replaced");
}

/// Checks that a new token leaves tokens of other accounts and purposes unchanged.
pub fn new_token_keeps_other_accounts_and_purposes(store: &dyn TokenStore) {
    let mut tokens = vec![
        token_for(100, user_id(2), Purpose::ResetPassword),
        invitation(101),
    ];
    tokens.extend(
        (1..)
            .zip(Purpose::ALL)
            .map(|(number, purpose)| token_for(number, user_id(1), purpose)),
    );
    for token in &tokens {
        add(store, token);
    }
    for token in &tokens {
        assert_holds(store, token);
    }
}

/// Checks that any number of tokens without an account, such as invitations, can exist.
pub fn token_without_account_replaces_no_other(store: &dyn TokenStore) {
    let of_account = token_for(100, user_id(1), Purpose::Invitation);
    add(store, &of_account);
    for number in 1..10 {
        add(store, &invitation(number));
    }
    for number in 1..10 {
        assert_holds(store, &invitation(number));
    }
    assert_holds(store, &of_account);
}
