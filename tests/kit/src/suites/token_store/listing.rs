//! Listing live tokens of a purpose: in which order, and page by page.

use kunci_domain::ports::TokenStore;
use kunci_domain::{OneTimeToken, Purpose};

use super::steps::{add, give_back, list, spend, void, void_all_of};
use crate::samples::{invitation, link_key, start, token_for, user_id};

/// Invitations in the order of their keys, among tokens of other purposes.
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

/// An empty store lists nothing.
pub fn an_empty_store_lists_nothing(store: &dyn TokenStore) {
    assert_eq!(list(store, Purpose::Invitation, None, 10), []);
    assert_eq!(list(store, Purpose::SetUp, Some(&link_key(1)), 10), []);
}

/// All tokens of the purpose, whole, and none of another.
pub fn tokens_of_a_purpose_are_listed_in_the_order_of_their_keys(store: &dyn TokenStore) {
    let want = add_all(store);
    assert_eq!(list(store, Purpose::Invitation, None, 100), want);
    assert_eq!(list(store, Purpose::Invitation, None, u32::MAX), want);
    assert_eq!(list(store, Purpose::ResetPassword, None, 100).len(), 9);
    assert_eq!(list(store, Purpose::SetUp, None, 100), []);
}

/// Pages of any size put together are the whole, with nothing twice.
pub fn pages_put_together_are_the_whole(store: &dyn TokenStore) {
    let whole = add_all(store);
    for limit in [1, 2, 4, 9, 10] {
        let mut seen: Vec<OneTimeToken> = Vec::new();
        // More rounds than there can be pages: a store that repeats itself ends here too.
        for _ in 0..12 {
            let page = list(
                store,
                Purpose::Invitation,
                seen.last().map(|token| &token.key),
                limit,
            );
            assert!(page.len() <= limit as usize);
            seen.extend(page);
        }
        assert_eq!(seen, whole, "pages of {limit}");
    }
}

/// A page may begin after a key that is not there any more, or belongs to another purpose.
pub fn a_page_may_begin_after_a_key_that_is_gone(store: &dyn TokenStore) {
    let mut whole = add_all(store);
    let gone = whole.remove(4);
    assert!(void(store, &gone));
    assert_eq!(list(store, Purpose::Invitation, Some(&gone.key), 100), whole[4..]);
    for number in 100..109 {
        let key = link_key(number);
        let want: Vec<_> = whole.iter().filter(|token| key < token.key).cloned().collect();
        assert_eq!(list(store, Purpose::Invitation, Some(&key), 100), want);
    }
}

/// A page of nothing is empty.
pub fn a_limit_of_zero_lists_nothing(store: &dyn TokenStore) {
    add_all(store);
    assert_eq!(list(store, Purpose::Invitation, None, 0), []);
}

/// A page is full as long as there are live tokens to fill it.
pub fn dead_tokens_take_no_place_of_a_page(store: &dyn TokenStore) {
    let whole = add_all(store);
    assert!(spend(store, &whole[0]).is_some());
    assert!(spend(store, &whole[2]).is_some());
    for number in 20..30 {
        let expired = OneTimeToken {
            expires_at: start(),
            ..invitation(number)
        };
        add(store, &expired);
    }
    let want = [whole[1].clone(), whole[3].clone(), whole[4].clone()];
    assert_eq!(list(store, Purpose::Invitation, None, 3), want);
}

/// What was changed is listed as changed, what was removed not at all.
pub fn the_list_follows_every_write(store: &dyn TokenStore) {
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
