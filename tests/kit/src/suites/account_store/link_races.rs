//! Promises about concurrent changes of links, through one handle and through two.

use kunci_domain::ports::{AccountStore, Committed};
use kunci_domain::{EventKind, OneTimeToken, Purpose, Step};

use super::support::{
    add_link, assert_link, assert_no_link, commit, events, find_link, issue, list_links, revoke, spend,
};
use crate::samples::{event, invitation, start, token_for, user_id};
use crate::suites::concurrency::{count_of, run_concurrently};

const ROUNDS: u64 = 20;
const THREADS: u64 = 8;
const CROWD: u64 = 30;

/// Checks that a link with one use is spent once by many concurrent changes.
pub fn one_of_many_concurrent_spends_wins(store: &dyn AccountStore) {
    spend_concurrently(store, store, 1);
}

/// Checks that a link with one use is spent once by concurrent changes through two handles.
pub fn one_of_many_spends_through_two_handles_wins(one: &dyn AccountStore, other: &dyn AccountStore) {
    spend_concurrently(one, other, 1);
}

/// Checks that as many concurrent changes spend a link as it has uses.
pub fn concurrent_spends_succeed_once_per_use(store: &dyn AccountStore) {
    spend_concurrently(store, store, 7);
}

fn spend_concurrently(one: &dyn AccountStore, other: &dyn AccountStore, uses_left: u32) {
    for round in 0..5 {
        let link = OneTimeToken {
            uses_left,
            ..token_for(round, user_id(round), Purpose::ResetPassword)
        };
        add_link(one, &link);
        let event = event(user_id(round), 0, EventKind::PasswordReset);
        let answers = run_concurrently(CROWD, |number| {
            let steps = [
                Step::AppendEvent(event.clone()),
                Step::SpendLink(link.key, link.purpose),
            ];
            commit(if number % 2 == 0 { one } else { other }, steps)
        });
        let uses = uses_left as usize;
        assert_eq!(count_of(&answers, &Committed::Done), uses);
        assert_eq!(count_of(&answers, &Committed::LinkSpent), answers.len() - uses);
        assert_eq!(events(other, user_id(round), 0, 100).len(), uses);
        assert_no_link(one, &link);
        assert_no_link(other, &link);
    }
}

/// Checks that exactly one of several links with one key is `Done`, and that it is the stored one.
pub fn one_of_many_concurrent_issues_of_a_key_wins(store: &dyn AccountStore) {
    for round in 0..ROUNDS {
        let candidate = |number| OneTimeToken {
            key: invitation(round).key,
            ..token_for(0, user_id(number), Purpose::SignIn)
        };
        let answers = run_concurrently(THREADS, |number| issue(store, &candidate(number)));
        assert_eq!(count_of(&answers, &Committed::Done), 1);
        assert_eq!(count_of(&answers, &Committed::Collision), answers.len() - 1);
        let winner = (0..)
            .zip(&answers)
            .find(|(_, answer)| **answer == Committed::Done);
        let winner = winner
            .map(|(number, _)| candidate(number))
            .expect("one call succeeds");
        assert_link(store, &winner);
    }
}

/// Checks that one link is left when several are issued at once for one account and purpose.
pub fn concurrent_issues_for_an_account_leave_one_link(store: &dyn AccountStore) {
    issue_concurrently(store, store);
}

/// Checks that one link is left when several are issued at once through two handles.
pub fn issues_through_two_handles_leave_one_link(one: &dyn AccountStore, other: &dyn AccountStore) {
    issue_concurrently(one, other);
}

fn issue_concurrently(one: &dyn AccountStore, other: &dyn AccountStore) {
    for round in 0..ROUNDS {
        let link = |number| token_for(round * 100 + number, user_id(1), Purpose::SignIn);
        let answers = run_concurrently(THREADS, |number| {
            issue(if number % 2 == 0 { one } else { other }, &link(number))
        });
        assert_eq!(count_of(&answers, &Committed::Done), answers.len());
        let left = list_links(one, Purpose::SignIn, None, 100);
        assert_eq!(left.len(), 1, "{} links are live", left.len());
        let found = (0..THREADS).filter(|number| find_link(other, &link(*number).key, start()).is_some());
        assert_eq!(found.count(), 1);
    }
}

/// Checks that exactly one of several concurrent steps that spend or revoke a link gets the last use.
pub fn last_use_is_either_spent_or_revoked(store: &dyn AccountStore) {
    for round in 0..ROUNDS {
        let link = token_for(round, user_id(1), Purpose::SignIn);
        add_link(store, &link);
        let answers = run_concurrently(THREADS, |number| match number {
            0 => revoke(store, &link),
            _ => spend(store, &link),
        });
        assert_eq!(count_of(&answers, &Committed::Done), 1);
        assert_eq!(count_of(&answers, &Committed::LinkSpent), answers.len() - 1);
        assert_no_link(store, &link);
    }
}

/// Checks that a link is spent at most once while a new one replaces it, and that the new one is complete.
pub fn link_being_replaced_is_spent_at_most_once(store: &dyn AccountStore) {
    for round in 0..ROUNDS {
        let (earlier, later) = (
            token_for(round * 2, user_id(1), Purpose::SignIn),
            token_for(round * 2 + 1, user_id(1), Purpose::SignIn),
        );
        add_link(store, &earlier);
        let answers = run_concurrently(THREADS, |number| match number {
            0 => issue(store, &later),
            _ => spend(store, &earlier),
        });
        assert_eq!(answers[0], Committed::Done, "issue refused the new link");
        assert!(count_of(&answers[1..], &Committed::Done) <= 1);
        assert_no_link(store, &earlier);
        assert_link(store, &later);
        assert_eq!(revoke(store, &later), Committed::Done);
    }
}

/// Checks that the other handle sees each acknowledged write of a link at once.
pub fn link_writes_are_visible_to_the_other_handle(one: &dyn AccountStore, other: &dyn AccountStore) {
    let link = token_for(1, user_id(1), Purpose::SignIn);
    add_link(one, &link);
    assert_link(other, &link);
    assert_eq!(issue(other, &invitation(1)), Committed::Collision);
    assert_eq!(spend(other, &link), Committed::Done);
    assert_eq!(spend(one, &link), Committed::LinkSpent);
    let later = token_for(2, user_id(1), Purpose::SignIn);
    add_link(other, &later);
    assert_link(one, &later);
    assert_eq!(revoke(one, &later), Committed::Done);
    assert_no_link(other, &later);
}
