//! Promises about spending uses of a token and giving them back.

use kunci_domain::ports::TokenStore;
use kunci_domain::{OneTimeToken, Purpose};

use super::support::{
    add, assert_gone, assert_holds, assert_not_live, end, find, give_back, purge, spend, void, void_all_of,
};
use crate::samples::{invitation, start, token_for, user_id};

/// Checks that `spend` returns the token as it was before, and that a second `spend` returns nothing.
pub fn spend_returns_the_token_and_uses_it_up(store: &dyn TokenStore) {
    let token = token_for(1, user_id(1), Purpose::ResetPassword);
    add(store, &token);
    assert_eq!(spend(store, &token).as_ref(), Some(&token));
    assert_not_live(store, &token);
    assert_eq!(spend(store, &token), None);
    assert_not_live(store, &token);
}

/// Checks that each `spend` takes one use and changes nothing else.
pub fn each_spend_takes_one_use(store: &dyn TokenStore) {
    let token = |uses_left| OneTimeToken {
        uses_left,
        ..invitation(1)
    };
    add(store, &token(3));
    for uses in [3, 2, 1] {
        assert_holds(store, &token(uses));
        assert_eq!(spend(store, &token(uses)), Some(token(uses)));
    }
    assert_not_live(store, &token(0));
    assert_eq!(spend(store, &token(0)), None);
}

/// Checks that a token is only spent for its own purpose.
///
/// For example, a token that confirms an address must not sign in.
pub fn spend_for_another_purpose_changes_nothing(store: &dyn TokenStore) {
    for (number, purpose) in (1..).zip(Purpose::ALL) {
        let token = token_for(number, user_id(1), purpose);
        add(store, &token);
        for other in Purpose::ALL.into_iter().filter(|other| *other != purpose) {
            let spent = store.spend(&token.key, other, start()).expect("spend");
            assert_eq!(spent, None, "{purpose:?} was spent for {other:?}");
        }
        assert_holds(store, &token);
    }
}

/// Checks that spending an unknown token returns nothing and creates nothing.
pub fn spend_of_unknown_token_creates_nothing(store: &dyn TokenStore) {
    assert_eq!(spend(store, &invitation(1)), None);
    assert_gone(store, &invitation(1));
}

/// Checks that `spend` takes a use from the given token only.
pub fn spend_leaves_other_tokens_unchanged(store: &dyn TokenStore) {
    let others = [
        invitation(2),
        token_for(3, user_id(1), Purpose::ResetPassword),
        token_for(4, user_id(2), Purpose::SignIn),
    ];
    let token = token_for(1, user_id(1), Purpose::SignIn);
    for token in others.iter().chain([&token]) {
        add(store, token);
    }
    assert!(spend(store, &token).is_some());
    for other in &others {
        assert_holds(store, other);
    }
}

/// Checks that a use which is given back can be spent again.
pub fn returned_use_can_be_spent_again(store: &dyn TokenStore) {
    let token = OneTimeToken {
        uses_left: 2,
        ..invitation(1)
    };
    add(store, &token);
    for _ in 0..3 {
        assert!(spend(store, &token).is_some());
        assert!(spend(store, &token).is_some());
        assert_not_live(store, &token);
        give_back(store, &token);
        let once = OneTimeToken {
            uses_left: 1,
            ..token.clone()
        };
        assert_holds(store, &once);
        give_back(store, &token);
        assert_holds(store, &token);
    }
}

/// Checks that `give_back` never raises the count above the number of uses that were issued.
pub fn give_back_never_exceeds_the_issued_uses(store: &dyn TokenStore) {
    for (number, uses_left) in (1..).zip([0, 1, 5, u32::MAX]) {
        let token = OneTimeToken {
            uses_left,
            ..invitation(number)
        };
        add(store, &token);
        give_back(store, &token);
        let _ = spend(store, &token);
        give_back(store, &token);
        give_back(store, &token);
        let want = (0 < uses_left).then_some(token);
        assert_eq!(find(store, &invitation(number).key, start()), want);
    }
}

/// Checks that `give_back` does not recreate a token that was voided or purged.
pub fn give_back_recreates_no_removed_token(store: &dyn TokenStore) {
    let ends: [fn(&dyn TokenStore, &OneTimeToken); 3] = [
        |store, token| assert!(void(store, token)),
        |store, _| assert_eq!(void_all_of(store, user_id(1)), 1),
        |store, _| assert_eq!(purge(store, end(), 10), 1),
    ];
    assert_gone(store, &invitation(9));
    for (number, end) in (1..).zip(ends) {
        let token = OneTimeToken {
            uses_left: 2,
            ..token_for(number, user_id(1), Purpose::SignIn)
        };
        add(store, &token);
        assert!(spend(store, &token).is_some());
        end(store, &token);
        assert_gone(store, &token);
    }
}
