//! Promises about spending uses of a link.

use kunci_domain::ports::{AccountStore, Committed};
use kunci_domain::{OneTimeToken, Purpose, Step};

use super::support::{add_link, assert_link, assert_no_link, commit, purge_links, snapshot, spend};
use crate::samples::{invitation, start, token_for, user_id};

/// Checks that a link with one use is dead after it was spent.
pub fn second_use_of_a_link_fails(store: &dyn AccountStore) {
    let link = token_for(1, user_id(1), Purpose::ResetPassword);
    add_link(store, &link);
    assert_eq!(spend(store, &link), Committed::Done);
    assert_eq!(spend(store, &link), Committed::LinkSpent);
    assert_no_link(store, &link);
}

/// Checks that each use is spent separately, and that spending changes nothing but the count.
pub fn each_spend_takes_one_use(store: &dyn AccountStore) {
    let link = |uses_left| OneTimeToken {
        uses_left,
        ..invitation(1)
    };
    add_link(store, &link(3));
    for uses in [3, 2, 1] {
        assert_link(store, &link(uses));
        assert_eq!(spend(store, &link(uses)), Committed::Done);
    }
    assert_no_link(store, &link(0));
}

/// Checks that a link is only spent for its own purpose.
///
/// For example, a link that confirms an address must not sign in.
pub fn spend_for_another_purpose_is_refused(store: &dyn AccountStore) {
    for (number, purpose) in (1..).zip(Purpose::ALL) {
        let link = token_for(number, user_id(1), purpose);
        add_link(store, &link);
        for other in Purpose::ALL.into_iter().filter(|other| *other != purpose) {
            let spent = commit(store, [Step::SpendLink(link.key, other)]);
            assert_eq!(spent, Committed::LinkSpent, "{purpose:?} was spent for {other:?}");
        }
        assert_link(store, &link);
    }
}

/// Checks that spending an unknown link is refused and creates nothing.
pub fn spend_of_unknown_link_creates_nothing(store: &dyn AccountStore) {
    let before = snapshot(store);
    assert_eq!(spend(store, &invitation(1)), Committed::LinkSpent);
    assert_eq!(snapshot(store), before);
    add_link(store, &invitation(1));
}

/// Checks that `SpendLink` takes a use from the given link only.
pub fn spend_leaves_other_links_unchanged(store: &dyn AccountStore) {
    let others = [
        invitation(2),
        token_for(3, user_id(1), Purpose::ResetPassword),
        token_for(4, user_id(2), Purpose::SignIn),
    ];
    let link = token_for(1, user_id(1), Purpose::SignIn);
    for link in others.iter().chain([&link]) {
        add_link(store, link);
    }
    assert_eq!(spend(store, &link), Committed::Done);
    for other in &others {
        assert_link(store, other);
    }
}

/// Checks that a purge neither counts nor revives a spent link that has not expired.
pub fn purge_ignores_spent_links_until_they_expire(store: &dyn AccountStore) {
    let spent = invitation(1);
    add_link(store, &spent);
    assert_eq!(spend(store, &spent), Committed::Done);
    assert_eq!(purge_links(store, start(), 10), 0);
    assert_no_link(store, &spent);
}
