//! Promises about issuing: a key is unique, and an account has one link for each purpose but the reset.

use kunci_domain::ports::{AccountStore, Committed};
use kunci_domain::{Epoch, OneTimeToken, Purpose};

use super::support::{add_link, assert_link, assert_no_link, end, issue, purge_links, spend};
use crate::samples::{invitation, link_key, start, token_for, user_id};

/// Checks that issuing an existing key is a `Collision` and leaves the existing link unchanged.
pub fn issue_of_existing_key_collides(store: &dyn AccountStore) {
    let first = token_for(1, user_id(1), Purpose::ConfirmAddress);
    add_link(store, &first);
    for second in [
        invitation(1),
        token_for(1, user_id(2), Purpose::ResetPassword),
        first.clone(),
    ] {
        assert_eq!(issue(store, &second), Committed::Collision);
        assert_link(store, &first);
    }
}

/// Checks that a link with the key of a spent or expired link is either stored or a `Collision`, and that the
/// store says which.
pub fn issue_over_a_dead_link_is_stored_or_collides(store: &dyn AccountStore) {
    let expired = OneTimeToken {
        expires_at: start(),
        ..invitation(1)
    };
    let spent = invitation(2);
    add_link(store, &expired);
    add_link(store, &spent);
    assert_eq!(spend(store, &spent), Committed::Done);
    for new in [invitation(1), invitation(2)] {
        match issue(store, &new) {
            Committed::Done => assert_link(store, &new),
            refused => {
                assert_eq!(refused, Committed::Collision);
                assert_no_link(store, &new);
            }
        }
    }
}

/// Checks that a refused link does not replace the account's existing link.
pub fn collision_revokes_no_link(store: &dyn AccountStore) {
    let kept = token_for(1, user_id(1), Purpose::SignIn);
    add_link(store, &kept);
    add_link(store, &invitation(2));
    let refused = OneTimeToken {
        key: link_key(2),
        ..kept.clone()
    };
    assert_eq!(issue(store, &refused), Committed::Collision);
    assert_link(store, &kept);
    assert_link(store, &invitation(2));
}

/// Checks that only the latest link of an account and purpose is valid, whatever the epochs, for each purpose
/// that has one link.
pub fn new_link_replaces_the_earlier_one(store: &dyn AccountStore) {
    let purposes = Purpose::ALL.into_iter().filter(|purpose| purpose.has_one_link());
    for (first, purpose) in (1..).step_by(10).zip(purposes) {
        let mut earlier = token_for(first, user_id(1), purpose);
        add_link(store, &earlier);
        for number in 1..4 {
            let later = OneTimeToken {
                account: Some((user_id(1), Epoch::from_stored(7 + i64::from(number == 2)))),
                ..token_for(first + number, user_id(1), purpose)
            };
            add_link(store, &later);
            assert_no_link(store, &earlier);
            assert_link(store, &later);
            earlier = later;
        }
    }
}

/// Checks that links to reset a password stay valid beside each other, and that each can be spent.
pub fn new_link_to_reset_keeps_the_earlier_ones(store: &dyn AccountStore) {
    let links: Vec<OneTimeToken> = (1..=20)
        .map(|number| token_for(number, user_id(1), Purpose::ResetPassword))
        .collect();
    for link in &links {
        add_link(store, link);
    }
    for link in &links {
        assert_link(store, link);
        assert_eq!(spend(store, link), Committed::Done);
        assert_no_link(store, link);
    }
}

/// Checks that a new link also removes a spent or expired one, so that none is left for a purge.
pub fn new_link_replaces_a_spent_or_expired_one(store: &dyn AccountStore) {
    let spent = token_for(1, user_id(1), Purpose::SignIn);
    add_link(store, &spent);
    assert_eq!(spend(store, &spent), Committed::Done);
    let expired = OneTimeToken {
        expires_at: start(),
        ..token_for(2, user_id(1), Purpose::ConfirmAddress)
    };
    add_link(store, &expired);
    for (number, unusable) in [(3, &spent), (4, &expired)] {
        let new = token_for(number, user_id(1), unusable.purpose);
        add_link(store, &new);
        assert_no_link(store, unusable);
        assert_link(store, &new);
    }
    assert_eq!(purge_links(store, start(), 10), 0, "the expired link was kept");
    assert_eq!(purge_links(store, end(), 10), 2, "the spent link was kept");
}

/// Checks that a new link leaves links of other accounts and purposes unchanged.
pub fn new_link_keeps_other_accounts_and_purposes(store: &dyn AccountStore) {
    let mut links = vec![
        token_for(100, user_id(2), Purpose::ResetPassword),
        invitation(101),
    ];
    links.extend(
        (1..)
            .zip(Purpose::ALL)
            .map(|(number, purpose)| token_for(number, user_id(1), purpose)),
    );
    for link in &links {
        add_link(store, link);
    }
    for link in &links {
        assert_link(store, link);
    }
}

/// Checks that any number of links without an account, such as invitations, can exist.
pub fn link_without_account_replaces_no_other(store: &dyn AccountStore) {
    let of_account = token_for(100, user_id(1), Purpose::Invitation);
    add_link(store, &of_account);
    for number in 1..10 {
        add_link(store, &invitation(number));
    }
    for number in 1..10 {
        assert_link(store, &invitation(number));
    }
    assert_link(store, &of_account);
}
