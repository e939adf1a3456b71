//! Promises about listing the live tokens of a purpose: order and pages.

use kunci_domain::ports::TokenStore;
use kunci_domain::{OneTimeToken, Purpose};

use super::support::{add, give_back, list, spend, void, void_all_of};
use crate::samples::{invitation, link_key, start, token_for, user_id};

/// Adds invitations and as many tokens of another purpose, and returns the invitations in key order.
fn add_all(store: &dyn TokenStore) -> Vec<OneTimeToken> {
    let mut tokens: Vec<OneTimeToken> = (0..9).map(invitation).collect();
    for (number, token) in (0..).zip(&tokens) {
        add(store, token);
        add(
            store,
            &token_for(100 + number, user_id(number), Purpose::ResetPassword),
        );
    }
    tokens.sort_by_key(|token| token.key);
    tokens
}

/// Checks that an empty store lists nothing.
pub fn empty_store_lists_nothing(store: &dyn TokenStore) {
    assert_eq!(list(store, Purpose::Invitation, None, 10), []);
    assert_eq!(list(store, Purpose::SetUp, Some(&link_key(1)), 10), []);
}

/// Checks that all tokens of a purpose are listed with every field, in key order, and no others.
pub fn tokens_of_a_purpose_are_listed_in_key_order(store: &dyn TokenStore) {
    let want = add_all(store);
    assert_eq!(list(store, Purpose::Invitation, None, 100), want);
    assert_eq!(list(store, Purpose::Invitation, None, u32::MAX), want);
    assert_eq!(list(store, Purpose::ResetPassword, None, 100).len(), 9);
    assert_eq!(list(store, Purpose::SetUp, None, 100), []);
}

/// Checks that consecutive pages of any size contain each token exactly once.
pub fn pages_cover_everything_exactly_once(store: &dyn TokenStore) {
    let all = add_all(store);
    for limit in [1, 2, 4, 9, 10] {
        let mut listed: Vec<OneTimeToken> = Vec::new();
        // More rounds than pages, but not endless: a store may return the same page again and again.
        for _ in 0..12 {
            let page = list(
                store,
                Purpose::Invitation,
                listed.last().map(|token| &token.key),
                limit,
            );
            assert!(page.len() <= limit as usize);
            listed.extend(page);
        }
        assert_eq!(listed, all, "pages of {limit}");
    }
}

/// Checks that a page can start after a key that was voided or belongs to another purpose.
pub fn page_can_start_after_a_missing_key(store: &dyn TokenStore) {
    let mut all = add_all(store);
    let gone = all.remove(4);
    assert!(void(store, &gone));
    assert_eq!(list(store, Purpose::Invitation, Some(&gone.key), 100), all[4..]);
    for number in 100..109 {
        let key = link_key(number);
        let want: Vec<_> = all.iter().filter(|token| key < token.key).cloned().collect();
        assert_eq!(list(store, Purpose::Invitation, Some(&key), 100), want);
    }
}

/// Checks that a limit of zero returns an empty page.
pub fn limit_of_zero_lists_nothing(store: &dyn TokenStore) {
    add_all(store);
    assert_eq!(list(store, Purpose::Invitation, None, 0), []);
}

/// Checks that spent and expired tokens do not count towards the limit.
pub fn spent_or_expired_tokens_do_not_shorten_a_page(store: &dyn TokenStore) {
    let all = add_all(store);
    assert!(spend(store, &all[0]).is_some());
    assert!(spend(store, &all[2]).is_some());
    for number in 20..30 {
        let expired = OneTimeToken {
            expires_at: start(),
            ..invitation(number)
        };
        add(store, &expired);
    }
    let want = [all[1].clone(), all[3].clone(), all[4].clone()];
    assert_eq!(list(store, Purpose::Invitation, None, 3), want);
}

/// Checks that a list shows the effect of each kind of write.
pub fn list_reflects_every_write(store: &dyn TokenStore) {
    let purpose = Purpose::SignIn;
    let twice = OneTimeToken {
        uses_left: 2,
        ..token_for(1, user_id(1), purpose)
    };
    let once = OneTimeToken {
        uses_left: 1,
        ..twice.clone()
    };
    add(store, &twice);
    assert_eq!(list(store, purpose, None, 10), std::slice::from_ref(&twice));
    assert!(spend(store, &twice).is_some());
    assert_eq!(list(store, purpose, None, 10), [once]);
    give_back(store, &twice);
    assert_eq!(list(store, purpose, None, 10), [twice]);
    let later = token_for(2, user_id(1), purpose);
    add(store, &later);
    assert_eq!(list(store, purpose, None, 10), [later]);
    assert_eq!(void_all_of(store, user_id(1)), 1);
    assert_eq!(list(store, purpose, None, 10), []);
}
