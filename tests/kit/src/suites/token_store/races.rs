//! Many threads at once, through one handle and through two.

use kunci_domain::ports::{Inserted, TokenStore};
use kunci_domain::{OneTimeToken, Purpose};

use super::steps::{
    add, assert_dead, assert_gone, assert_holds, end, find, give_back, issue, list, purge, spend, void,
    void_all_of,
};
use crate::samples::{invitation, start, token_for, user_id};
use crate::suites::session_store::races::{count_of, together};

const ROUNDS: u64 = 20;
const THREADS: u64 = 8;
const CROWD: u64 = 50;

/// A link that is clicked fifty times at once works once.
pub fn one_of_fifty_that_spend_the_last_use_gets_the_token(store: &dyn TokenStore) {
    spend_together(store, store, 1);
}

/// One winner, whichever handle it came through.
pub fn one_of_fifty_through_two_handles_gets_the_token(one: &dyn TokenStore, other: &dyn TokenStore) {
    spend_together(one, other, 1);
}

/// An invitation for seven lets seven in; each of them sees another number of uses.
pub fn as_many_of_fifty_get_a_token_as_it_had_uses(store: &dyn TokenStore) {
    spend_together(store, store, 7);
}

fn spend_together(one: &dyn TokenStore, other: &dyn TokenStore, uses_left: u32) {
    for round in 0..5 {
        let token = OneTimeToken {
            uses_left,
            ..token_for(round, user_id(round), Purpose::ResetPassword)
        };
        add(one, &token);
        let answers = together(CROWD, |number| {
            spend(if number % 2 == 0 { one } else { other }, &token)
        });
        let mut uses: Vec<u32> = answers.iter().flatten().map(|token| token.uses_left).collect();
        uses.sort_unstable();
        assert_eq!(uses, (1..=uses_left).collect::<Vec<_>>());
        assert_dead(one, &token);
        assert_dead(other, &token);
    }
}

/// Uses that are taken and given back by many at once are as many afterwards as before.
pub fn uses_that_are_given_back_meanwhile_stay_as_many(store: &dyn TokenStore) {
    let token = OneTimeToken {
        uses_left: 3,
        ..invitation(1)
    };
    add(store, &token);
    let answers = together(THREADS, |_| {
        (0..10).all(|_| match spend(store, &token) {
            Some(taken) => {
                give_back(store, &token);
                taken.uses_left <= 3
            }
            None => true,
        })
    });
    assert!(answers.iter().all(|sound| *sound), "more uses than there were");
    assert_holds(store, &token);
}

/// Of several tokens under one key exactly one is issued, and it is the one that was told so.
pub fn one_of_several_issues_of_one_key_wins(store: &dyn TokenStore) {
    for round in 0..ROUNDS {
        let candidate = |number| OneTimeToken {
            key: invitation(round).key,
            ..token_for(0, user_id(number), Purpose::SignIn)
        };
        let answers = together(THREADS, |number| issue(store, &candidate(number)));
        assert_eq!(count_of(&answers, &Inserted::Done), 1);
        let winner = (0..).zip(&answers).find(|(_, answer)| **answer == Inserted::Done);
        let winner = winner.map(|(number, _)| candidate(number)).expect("one is done");
        assert_holds(store, &winner);
    }
}

/// Of several that are issued at the same time only one is left.
pub fn one_of_several_tokens_of_an_account_and_purpose_is_left(store: &dyn TokenStore) {
    issue_together(store, store);
}

/// One is left, whichever handle it came through.
pub fn one_of_several_tokens_issued_through_two_handles_is_left(
    one: &dyn TokenStore,
    other: &dyn TokenStore,
) {
    issue_together(one, other);
}

fn issue_together(one: &dyn TokenStore, other: &dyn TokenStore) {
    for round in 0..ROUNDS {
        let token = |number| token_for(round * 100 + number, user_id(1), Purpose::ResetPassword);
        let answers = together(THREADS, |number| {
            issue(if number % 2 == 0 { one } else { other }, &token(number))
        });
        assert_eq!(count_of(&answers, &Inserted::Done), answers.len());
        let left = list(one, Purpose::ResetPassword, None, 100);
        assert_eq!(left.len(), 1, "{} tokens work", left.len());
        let found = (0..THREADS).filter(|number| find(other, &token(*number).key, start()).is_some());
        assert_eq!(found.count(), 1);
    }
}

/// Whoever voids a token is told that it was live, or somebody has spent it before: never both, never neither.
pub fn a_last_use_is_either_taken_or_voided(store: &dyn TokenStore) {
    for round in 0..ROUNDS {
        let token = token_for(round, user_id(1), Purpose::SignIn);
        add(store, &token);
        let answers = together(THREADS, |number| match number {
            0 => void(store, &token),
            _ => spend(store, &token).is_some(),
        });
        assert_eq!(count_of(&answers, &true), 1);
        assert_gone(store, &token);
    }
}

/// A new token comes whole while the earlier one is spent, given back or neither.
pub fn a_token_that_is_replaced_is_spent_at_most_once(store: &dyn TokenStore) {
    for round in 0..ROUNDS {
        let (earlier, later) = (
            token_for(round * 2, user_id(1), Purpose::SignIn),
            token_for(round * 2 + 1, user_id(1), Purpose::SignIn),
        );
        add(store, &earlier);
        let answers = together(THREADS, |number| match number {
            0 => issue(store, &later) != Inserted::Done,
            _ => spend(store, &earlier).is_some(),
        });
        assert!(!answers[0], "the new token was refused");
        assert!(count_of(&answers, &true) <= 1);
        assert_gone(store, &earlier);
        assert_holds(store, &later);
        assert_eq!(void_all_of(store, user_id(1)), 1);
    }
}

/// What was voided stays void, whatever use was on its way back.
pub fn giving_back_revives_no_token_that_is_being_voided(store: &dyn TokenStore) {
    for round in 0..ROUNDS {
        let token = token_for(round, user_id(1), Purpose::SignIn);
        add(store, &token);
        assert!(spend(store, &token).is_some());
        together(4, |number| match number {
            0 if round % 2 == 0 => drop(void(store, &token)),
            0 => drop(void_all_of(store, user_id(1))),
            _ => give_back(store, &token),
        });
        assert_dead(store, &token);
    }
}

/// Each token is counted by one of several purges at once.
pub fn several_purges_count_each_token_once(store: &dyn TokenStore) {
    for round in 0..ROUNDS / 4 {
        for number in 0..6 {
            add(store, &invitation(round * 100 + number));
        }
        let counts = together(4, |_| purge(store, end(), 10));
        assert_eq!(counts.iter().sum::<u64>(), 6);
    }
}

/// Every write of one handle is seen by the other as soon as it has been acknowledged.
pub fn what_one_handle_writes_the_other_sees_at_once(one: &dyn TokenStore, other: &dyn TokenStore) {
    let token = token_for(1, user_id(1), Purpose::SignIn);
    add(one, &token);
    assert_holds(other, &token);
    assert_eq!(issue(other, &invitation(1)), Inserted::Collision);
    assert_eq!(spend(other, &token).as_ref(), Some(&token));
    assert_eq!(spend(one, &token), None);
    give_back(one, &token);
    assert_holds(other, &token);
    let later = token_for(2, user_id(1), Purpose::SignIn);
    add(other, &later);
    assert_gone(one, &token);
    assert!(void(one, &later));
    assert_gone(other, &later);
}
