//! Issuing: a key is taken once, and an account has one token for each purpose.

use kunci_domain::ports::{Inserted, TokenStore};
use kunci_domain::{Epoch, OneTimeToken, Purpose};

use super::steps::{add, assert_dead, assert_gone, assert_holds, issue, purge, spend};
use crate::samples::{invitation, link_key, start, token_for, user_id};

/// Nobody gets a token by making up the key of another one.
pub fn a_second_token_under_one_key_collides_and_changes_nothing(store: &dyn TokenStore) {
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

/// A key is taken also when its token is dead: a link that was used up must not come to life again.
pub fn a_dead_token_keeps_its_key(store: &dyn TokenStore) {
    let expired = OneTimeToken {
        expires_at: start(),
        ..invitation(1)
    };
    add(store, &expired);
    assert_eq!(issue(store, &invitation(1)), Inserted::Collision);
    assert_dead(store, &expired);
    let spent = invitation(2);
    add(store, &spent);
    assert!(spend(store, &spent).is_some());
    assert_eq!(issue(store, &spent), Inserted::Collision);
    assert_dead(store, &spent);
}

/// What is refused takes nobody's place.
pub fn a_collision_voids_nothing(store: &dyn TokenStore) {
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

/// Only the latest link that was mailed works, in whichever epoch the earlier one was.
pub fn a_new_token_takes_the_place_of_the_earlier_one(store: &dyn TokenStore) {
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

/// A use that is given back late finds no token any more.
pub fn a_new_token_takes_the_place_of_a_dead_one_too(store: &dyn TokenStore) {
    let spent = token_for(1, user_id(1), Purpose::SignIn);
    add(store, &spent);
    assert!(spend(store, &spent).is_some());
    let expired = OneTimeToken {
        expires_at: start(),
        ..token_for(2, user_id(1), Purpose::ConfirmAddress)
    };
    add(store, &expired);
    for (number, dead) in [(3, &spent), (4, &expired)] {
        let new = token_for(number, user_id(1), dead.purpose);
        add(store, &new);
        assert_gone(store, dead);
        assert_holds(store, &new);
    }
    assert_eq!(purge(store, start(), 10), 0, "an expired token was left behind");
}

/// Other people's tokens, and those for other purposes, are none of its business.
pub fn a_new_token_leaves_other_accounts_and_purposes_alone(store: &dyn TokenStore) {
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

/// There may be any number of invitations.
pub fn a_token_without_an_account_voids_no_other(store: &dyn TokenStore) {
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
