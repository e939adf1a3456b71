//! Promises about listing the live links of a purpose: order and pages.

use kunci_domain::ports::{AccountStore, Committed};
use kunci_domain::{OneTimeToken, Purpose};

use super::support::{add_link, list_links, revoke, spend};
use crate::samples::{invitation, link_key, start, token_for, user_id};

/// Adds invitations and as many links of another purpose, and returns the invitations in key order.
fn add_all(store: &dyn AccountStore) -> Vec<OneTimeToken> {
    let mut links: Vec<OneTimeToken> = (0..9).map(invitation).collect();
    for (number, link) in (0..).zip(&links) {
        add_link(store, link);
        add_link(
            store,
            &token_for(100 + number, user_id(number), Purpose::ResetPassword),
        );
    }
    links.sort_by_key(|link| link.key);
    links
}

/// Checks that an empty store lists nothing.
pub fn empty_store_lists_no_links(store: &dyn AccountStore) {
    assert_eq!(list_links(store, Purpose::Invitation, None, 10), []);
    assert_eq!(list_links(store, Purpose::SetUp, Some(&link_key(1)), 10), []);
}

/// Checks that all links of a purpose are listed with every field, in key order, and no others.
pub fn links_of_a_purpose_are_listed_in_key_order(store: &dyn AccountStore) {
    let want = add_all(store);
    assert_eq!(list_links(store, Purpose::Invitation, None, 100), want);
    assert_eq!(list_links(store, Purpose::Invitation, None, u32::MAX), want);
    assert_eq!(list_links(store, Purpose::ResetPassword, None, 100).len(), 9);
    assert_eq!(list_links(store, Purpose::SetUp, None, 100), []);
}

/// Checks that consecutive pages of any size contain each link exactly once.
pub fn pages_contain_each_link_once(store: &dyn AccountStore) {
    let all = add_all(store);
    for limit in [1, 2, 4, 9, 10] {
        let mut listed: Vec<OneTimeToken> = Vec::new();
        // More rounds than pages, but not endless: a store may return the same page again and again.
        for _ in 0..12 {
            let page = list_links(
                store,
                Purpose::Invitation,
                listed.last().map(|link| &link.key),
                limit,
            );
            assert!(page.len() <= limit as usize);
            listed.extend(page);
        }
        assert_eq!(listed, all, "pages of {limit}");
    }
}

/// Checks that a page can start after a key that was revoked or belongs to another purpose.
pub fn page_can_start_after_a_missing_key(store: &dyn AccountStore) {
    let mut all = add_all(store);
    let gone = all.remove(4);
    assert_eq!(revoke(store, &gone), Committed::Done);
    assert_eq!(
        list_links(store, Purpose::Invitation, Some(&gone.key), 100),
        all[4..]
    );
    for number in 100..109 {
        let key = link_key(number);
        let want: Vec<_> = all.iter().filter(|link| key < link.key).cloned().collect();
        assert_eq!(list_links(store, Purpose::Invitation, Some(&key), 100), want);
    }
}

/// Checks that a limit of zero returns an empty page.
pub fn limit_of_zero_lists_no_links(store: &dyn AccountStore) {
    add_all(store);
    assert_eq!(list_links(store, Purpose::Invitation, None, 0), []);
}

/// Checks that spent and expired links do not count towards the limit.
pub fn spent_or_expired_links_do_not_shorten_a_page(store: &dyn AccountStore) {
    let all = add_all(store);
    assert_eq!(spend(store, &all[0]), Committed::Done);
    assert_eq!(spend(store, &all[2]), Committed::Done);
    for number in 20..30 {
        let expired = OneTimeToken {
            expires_at: start(),
            ..invitation(number)
        };
        add_link(store, &expired);
    }
    let want = [all[1].clone(), all[3].clone(), all[4].clone()];
    assert_eq!(list_links(store, Purpose::Invitation, None, 3), want);
}

/// Checks that a list shows the effect of each kind of write.
pub fn link_list_reflects_every_write(store: &dyn AccountStore) {
    let purpose = Purpose::SignIn;
    let twice = OneTimeToken {
        uses_left: 2,
        ..token_for(1, user_id(1), purpose)
    };
    let once = OneTimeToken {
        uses_left: 1,
        ..twice.clone()
    };
    add_link(store, &twice);
    assert_eq!(list_links(store, purpose, None, 10), std::slice::from_ref(&twice));
    assert_eq!(spend(store, &twice), Committed::Done);
    assert_eq!(list_links(store, purpose, None, 10), [once]);
    let later = token_for(2, user_id(1), purpose);
    add_link(store, &later);
    assert_eq!(list_links(store, purpose, None, 10), std::slice::from_ref(&later));
    assert_eq!(revoke(store, &later), Committed::Done);
    assert_eq!(list_links(store, purpose, None, 10), []);
}
