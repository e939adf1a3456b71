//! Promises about the budgets that are stored with accounts.

use kunci_domain::ports::{AccountStore, Committed};
use kunci_domain::{BudgetKey, BudgetKind, BudgetOwner, Epoch, Step, Timestamp, UsedBudget};

use super::support::{add_user, commit, delete, done, insert};
use crate::samples::{budget_key, start, start_plus, user, user_id};
use crate::suites::concurrency::{count_of, run_concurrently};

/// Returns the owner of the budgets of user `number`.
fn of_user(number: u64) -> BudgetOwner {
    BudgetOwner::Account(user_id(number))
}

fn unknown(number: u64) -> BudgetOwner {
    BudgetOwner::Unknown(budget_key(number))
}

const fn used(full_at: Timestamp, epoch: i64) -> UsedBudget {
    UsedBudget {
        full_at,
        epoch: Epoch::from_stored(epoch),
    }
}

fn write(owner: BudgetOwner, kind: BudgetKind, from: Option<UsedBudget>, to: Option<UsedBudget>) -> Step {
    Step::WriteBudget {
        owner,
        kind,
        from,
        to,
    }
}

#[track_caller]
fn find(store: &dyn AccountStore, owner: BudgetOwner, kind: BudgetKind) -> Option<UsedBudget> {
    store.find_budget(&owner, kind).expect("find_budget")
}

fn add_ada_and_grace(store: &dyn AccountStore) {
    add_user(store, &user(1, "ada"));
    add_user(store, &user(2, "grace"));
}

/// Checks that each kind of each owner is a budget of its own, which is stored exactly and can be made full.
pub fn budgets_are_preserved(store: &dyn AccountStore) {
    add_ada_and_grace(store);
    let owners = [of_user(1), of_user(2), unknown(1)];
    let all = || {
        owners
            .into_iter()
            .flat_map(|owner| BudgetKind::ALL.map(|kind| (owner, kind)))
    };
    let states = [
        start_plus(5),
        Timestamp::MAX,
        Timestamp::from_unix_millis(i64::MIN),
    ];
    for (number, (owner, kind)) in (0..).zip(all()) {
        assert_eq!(find(store, owner, kind), None, "{kind:?} of {owner:?}");
        let mut before = None;
        for state in states {
            let after = Some(used(state, number));
            done(store, [write(owner, kind, before, after)]);
            assert_eq!(find(store, owner, kind), after, "{kind:?} of {owner:?}");
            before = after;
        }
    }
    for (number, (owner, kind)) in (0..).zip(all()) {
        let stored = Some(used(states[2], number));
        assert_eq!(find(store, owner, kind), stored, "{kind:?} of {owner:?}");
        done(store, [write(owner, kind, stored, None)]);
        assert_eq!(find(store, owner, kind), None, "{kind:?} of {owner:?}");
    }
}

/// Checks that a write from another state than the stored one is refused.
pub fn write_of_a_changed_budget_is_stale(store: &dyn AccountStore) {
    add_ada_and_grace(store);
    let (kind, one) = (BudgetKind::Guesses, used(start(), 1));
    for owner in [of_user(1), unknown(1)] {
        let stale = |from, to| {
            assert_eq!(
                commit(store, [write(owner, kind, from, to)]),
                Committed::Stale,
                "{from:?}"
            );
        };
        stale(Some(one), None);
        done(store, [write(owner, kind, None, Some(one))]);
        for other in [None, Some(used(start_plus(1), 1)), Some(used(start(), 2))] {
            stale(other, Some(used(start_plus(9), 9)));
            stale(other, None);
        }
        assert_eq!(find(store, owner, kind), Some(one));
    }
}

/// Checks that the budgets of an account that does not exist cannot be written.
pub fn budget_of_a_missing_account_is_gone(store: &dyn AccountStore) {
    let step = write(of_user(1), BudgetKind::Codes, None, Some(used(start(), 0)));
    assert_eq!(commit(store, [step.clone()]), Committed::Gone);
    assert_eq!(find(store, of_user(1), BudgetKind::Codes), None);
    assert_eq!(insert(store, &user(1, "ada")), Committed::Done);
    done(store, [step]);
}

/// Checks that a deletion removes all budgets of the account and no others.
pub fn delete_removes_the_budgets_of_the_user(store: &dyn AccountStore) {
    add_ada_and_grace(store);
    let state = Some(used(start(), 0));
    for owner in [of_user(1), of_user(2), unknown(1)] {
        done(store, BudgetKind::ALL.map(|kind| write(owner, kind, None, state)));
    }
    assert_eq!(delete(store, user_id(1)), Committed::Done);
    add_user(store, &user(1, "ada"));
    for kind in BudgetKind::ALL {
        assert_eq!(find(store, of_user(1), kind), None, "{kind:?}");
        assert_eq!(find(store, of_user(2), kind), state, "{kind:?}");
        assert_eq!(find(store, unknown(1), kind), state, "{kind:?}");
    }
}

/// Checks that nearly all of two hundred unknown names have budgets of their own, and that a name keeps its own.
pub fn few_unknown_names_share_a_budget(store: &dyn AccountStore) {
    let state = Some(used(start(), 0));
    let names = || (0..200_u64).map(|number| BudgetKey::new("name", &[&number.to_be_bytes()]));
    let written = names().filter(|name| {
        let step = write(BudgetOwner::Unknown(*name), BudgetKind::Guesses, None, state);
        commit(store, [step]) == Committed::Done
    });
    assert!(180 < written.count(), "too many names share a budget");
    for name in names() {
        assert_eq!(
            find(store, BudgetOwner::Unknown(name), BudgetKind::Guesses),
            state
        );
    }
}

/// Checks that of many concurrent writes from one state exactly one is done, and that this one is stored.
pub fn one_of_many_concurrent_budget_writes_wins(store: &dyn AccountStore) {
    add_ada_and_grace(store);
    let mut before = None;
    for round in 0..10 {
        let state = |number: u64| Some(used(start_plus(i64::try_from(number).unwrap_or(0)), round));
        let answers = run_concurrently(20, |number| {
            commit(
                store,
                [write(of_user(1), BudgetKind::Guesses, before, state(number))],
            )
        });
        assert_eq!(count_of(&answers, &Committed::Done), 1, "{answers:?}");
        assert_eq!(count_of(&answers, &Committed::Stale), 19, "{answers:?}");
        let winner = answers.iter().position(|answer| *answer == Committed::Done);
        before = find(store, of_user(1), BudgetKind::Guesses);
        assert_eq!(before, state(winner.map_or(0, |at| at as u64)));
    }
}
