//! Promises about concurrent calls, through one handle and through two.

use kunci_domain::ports::{Inserted, TokenStore};
use kunci_domain::{OneTimeToken, Purpose};

use super::support::{
    add, assert_gone, assert_holds, assert_not_live, end, find, give_back, issue, list, purge, spend, void,
    void_all_of,
};
use crate::samples::{invitation, start, token_for, user_id};
use crate::suites::session_store::races::{count_of, run_concurrently};

const ROUNDS: u64 = 20;
const THREADS: u64 = 8;
const CROWD: u64 = 50;

/// Checks that a token with one use is spent once by fifty concurrent calls.
pub fn one_of_many_concurrent_spends_wins(store: &dyn TokenStore) {
    spend_concurrently(store, store, 1);
}

/// Checks that a token with one use is spent once by concurrent calls through two handles.
pub fn one_of_many_spends_through_two_handles_wins(one: &dyn TokenStore, other: &dyn TokenStore) {
    spend_concurrently(one, other, 1);
}

/// Checks that a token with seven uses is spent seven times, and that each call sees a different count.
pub fn concurrent_spends_succeed_once_per_use(store: &dyn TokenStore) {
    spend_concurrently(store, store, 7);
}

fn spend_concurrently(one: &dyn TokenStore, other: &dyn TokenStore, uses_left: u32) {
    for round in 0..5 {
        let token = OneTimeToken {
            uses_left,
            ..token_for(round, user_id(round), Purpose::ResetPassword)
        };
        add(one, &token);
        let answers = run_concurrently(CROWD, |number| {
            spend(if number % 2 == 0 { one } else { other }, &token)
        });
        let mut uses: Vec<u32> = answers.iter().flatten().map(|token| token.uses_left).collect();
        uses.sort_unstable();
        assert_eq!(uses, (1..=uses_left).collect::<Vec<_>>());
        assert_not_live(one, &token);
        assert_not_live(other, &token);
    }
}

/// Checks that the count of uses is exact after concurrent calls of `spend` and `give_back`.
pub fn concurrent_spends_and_give_backs_keep_the_count(store: &dyn TokenStore) {
    let token = OneTimeToken {
        uses_left: 3,
        ..invitation(1)
    };
    add(store, &token);
    let answers = run_concurrently(THREADS, |_| {
        (0..10).all(|_| match spend(store, &token) {
            Some(taken) => {
                give_back(store, &token);
                taken.uses_left <= 3
            }
            None => true,
        })
    });
    assert!(
        answers.iter().all(|valid| *valid),
        "a token has more uses than were issued"
    );
    assert_holds(store, &token);
}

/// Checks that exactly one of several tokens with one key is `Done`, and that it is the stored one.
pub fn one_of_many_concurrent_issues_of_a_key_wins(store: &dyn TokenStore) {
    for round in 0..ROUNDS {
        let candidate = |number| OneTimeToken {
            key: invitation(round).key,
            ..token_for(0, user_id(number), Purpose::SignIn)
        };
        let answers = run_concurrently(THREADS, |number| issue(store, &candidate(number)));
        assert_eq!(count_of(&answers, &Inserted::Done), 1);
        let winner = (0..).zip(&answers).find(|(_, answer)| **answer == Inserted::Done);
        let winner = winner
            .map(|(number, _)| candidate(number))
            .expect("one call succeeds");
        assert_holds(store, &winner);
    }
}

/// Checks that one token is left when several are issued at once for one account and purpose.
pub fn concurrent_issues_for_an_account_leave_one_token(store: &dyn TokenStore) {
    issue_concurrently(store, store);
}

/// Checks that one token is left when several are issued at once through two handles.
pub fn issues_through_two_handles_leave_one_token(one: &dyn TokenStore, other: &dyn TokenStore) {
    issue_concurrently(one, other);
}

fn issue_concurrently(one: &dyn TokenStore, other: &dyn TokenStore) {
    for round in 0..ROUNDS {
        let token = |number| token_for(round * 100 + number, user_id(1), Purpose::ResetPassword);
        let answers = run_concurrently(THREADS, |number| {
            issue(if number % 2 == 0 { one } else { other }, &token(number))
        });
        assert_eq!(count_of(&answers, &Inserted::Done), answers.len());
        let left = list(one, Purpose::ResetPassword, None, 100);
        assert_eq!(left.len(), 1, "{} tokens are live", left.len());
        let found = (0..THREADS).filter(|number| find(other, &token(*number).key, start()).is_some());
        assert_eq!(found.count(), 1);
    }
}

/// Checks that exactly one of several concurrent `spend` and `void` calls gets the last use.
pub fn last_use_is_either_spent_or_voided(store: &dyn TokenStore) {
    for round in 0..ROUNDS {
        let token = token_for(round, user_id(1), Purpose::SignIn);
        add(store, &token);
        let answers = run_concurrently(THREADS, |number| match number {
            0 => void(store, &token),
            _ => spend(store, &token).is_some(),
        });
        assert_eq!(count_of(&answers, &true), 1);
        assert_gone(store, &token);
    }
}

/// Checks that a token is spent at most once while a new one replaces it, and that the new one is
/// complete.
pub fn token_being_replaced_is_spent_at_most_once(store: &dyn TokenStore) {
    for round in 0..ROUNDS {
        let (earlier, later) = (
            token_for(round * 2, user_id(1), Purpose::SignIn),
            token_for(round * 2 + 1, user_id(1), Purpose::SignIn),
        );
        add(store, &earlier);
        let answers = run_concurrently(THREADS, |number| match number {
            0 => issue(store, &later) != Inserted::Done,
            _ => spend(store, &earlier).is_some(),
        });
        assert!(!answers[0], "issue refused the new token");
        assert!(count_of(&answers, &true) <= 1);
        assert_gone(store, &earlier);
        assert_holds(store, &later);
        assert_eq!(void_all_of(store, user_id(1)), 1);
    }
}

/// Checks that a concurrent `give_back` does not bring a voided token back.
pub fn give_back_revives_no_token_being_voided(store: &dyn TokenStore) {
    for round in 0..ROUNDS {
        let token = token_for(round, user_id(1), Purpose::SignIn);
        add(store, &token);
        assert!(spend(store, &token).is_some());
        run_concurrently(4, |number| match number {
            0 if round % 2 == 0 => drop(void(store, &token)),
            0 => drop(void_all_of(store, user_id(1))),
            _ => give_back(store, &token),
        });
        assert_not_live(store, &token);
    }
}

/// Checks that concurrent purges count each expired token once.
pub fn concurrent_purges_count_each_token_once(store: &dyn TokenStore) {
    for round in 0..ROUNDS / 4 {
        for number in 0..6 {
            add(store, &invitation(round * 100 + number));
        }
        let counts = run_concurrently(4, |_| purge(store, end(), 10));
        assert_eq!(counts.iter().sum::<u64>(), 6);
    }
}

/// Checks that the other handle sees each acknowledged write at once.
pub fn writes_are_visible_to_the_other_handle(one: &dyn TokenStore, other: &dyn TokenStore) {
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
