//! Taking uses and giving them back.

use kunci_domain::ports::TokenStore;
use kunci_domain::{OneTimeToken, Purpose};

use super::steps::{
    add, assert_dead, assert_gone, assert_holds, end, find, give_back, purge, spend, void, void_all_of,
};
use crate::samples::{invitation, start, token_for, user_id};

/// Whoever spends a token gets it as it was, and nobody gets it again.
pub fn a_token_comes_as_it_was_and_is_gone_afterwards(store: &dyn TokenStore) {
    let token = token_for(1, user_id(1), Purpose::ResetPassword);
    add(store, &token);
    assert_eq!(spend(store, &token).as_ref(), Some(&token));
    assert_dead(store, &token);
    assert_eq!(spend(store, &token), None);
    assert_dead(store, &token);
}

/// Each use counts, and nothing but the count changes.
pub fn a_token_of_several_uses_is_spent_one_by_one(store: &dyn TokenStore) {
    let token = |uses_left| OneTimeToken {
        uses_left,
        ..invitation(1)
    };
    add(store, &token(3));
    for uses in [3, 2, 1] {
        assert_holds(store, &token(uses));
        assert_eq!(spend(store, &token(uses)), Some(token(uses)));
    }
    assert_dead(store, &token(0));
    assert_eq!(spend(store, &token(0)), None);
}

/// A token that confirms an address opens no account.
pub fn spending_for_another_purpose_changes_nothing(store: &dyn TokenStore) {
    for (number, purpose) in (1..).zip(Purpose::ALL) {
        let token = token_for(number, user_id(1), purpose);
        add(store, &token);
        for other in Purpose::ALL.into_iter().filter(|other| *other != purpose) {
            let spent = store.spend(&token.key, other, start()).expect("spend");
            assert_eq!(spent, None, "{purpose:?} was taken for {other:?}");
        }
        assert_holds(store, &token);
    }
}

/// What is not there cannot be spent, and is not there afterwards.
pub fn spending_an_unknown_token_creates_nothing(store: &dyn TokenStore) {
    assert_eq!(spend(store, &invitation(1)), None);
    assert_gone(store, &invitation(1));
}

/// Only the token under the key loses a use.
pub fn spending_leaves_other_tokens_alone(store: &dyn TokenStore) {
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

/// When what it was taken for did not come about, a use is there again.
pub fn a_use_that_is_given_back_can_be_taken_again(store: &dyn TokenStore) {
    let token = OneTimeToken {
        uses_left: 2,
        ..invitation(1)
    };
    add(store, &token);
    for _ in 0..3 {
        assert!(spend(store, &token).is_some());
        assert!(spend(store, &token).is_some());
        assert_dead(store, &token);
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

/// Giving back what was not taken gives nobody anything.
pub fn giving_back_makes_no_more_uses_than_there_were(store: &dyn TokenStore) {
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

/// Nothing comes of giving back a use of a token that is gone, however it went.
pub fn giving_back_makes_no_token_appear(store: &dyn TokenStore) {
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
