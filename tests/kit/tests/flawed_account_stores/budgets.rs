//! Flaws in the budgets that are stored with accounts.

use kunci_domain::ports::{AccountStore, Committed};
use kunci_domain::{BudgetOwner, Step};
use kunci_testkit::samples::user_id;

use crate::store::breaks;
use crate::support::yield_to_other_threads;

#[test]
fn check_then_write_of_a_budget_is_caught() {
    breaks("one_of_many_concurrent_budget_writes_wins", |store| {
        store.commit = |inner, change, now| {
            let [
                Step::WriteBudget {
                    owner,
                    kind,
                    from,
                    to,
                },
            ] = change.steps()
            else {
                return inner.store.commit(change, now);
            };
            if inner.store.find_budget(owner, *kind)? != *from {
                return Ok(Committed::Stale);
            }
            yield_to_other_threads();
            loop {
                let step = Step::WriteBudget {
                    owner: *owner,
                    kind: *kind,
                    from: inner.store.find_budget(owner, *kind)?,
                    to: *to,
                };
                match inner.commit([step], now)? {
                    Committed::Stale => {}
                    outcome => return Ok(outcome),
                }
            }
        };
    });
}

#[test]
fn budgets_of_all_unknown_names_in_one_place_are_caught() {
    breaks("few_unknown_names_share_a_budget", |store| {
        store.commit = |inner, change, now| {
            let in_one_place = |step| match step {
                Step::WriteBudget {
                    owner: BudgetOwner::Unknown(_),
                    kind,
                    from,
                    to,
                } => [Step::WriteBudget {
                    owner: BudgetOwner::Unknown(kunci_testkit::samples::budget_key(1)),
                    kind,
                    from,
                    to,
                }],
                other => [other],
            };
            inner.commit_edited(change, now, in_one_place)
        };
    });
}

#[test]
fn budgets_that_outlive_their_account_are_caught() {
    // The flaw keeps the budgets with another account.
    breaks("delete_removes_the_budgets_of_the_user", |store| {
        store.find_budget = |inner, owner, kind| {
            let found = inner.store.find_budget(owner, kind)?;
            if *owner == BudgetOwner::Account(user_id(1)) && found.is_none() {
                return inner.store.find_budget(&BudgetOwner::Account(user_id(2)), kind);
            }
            Ok(found)
        };
    });
}

#[test]
fn writes_from_any_state_are_caught() {
    breaks("write_of_a_changed_budget_is_stale", |store| {
        store.commit = |inner, change, now| {
            let from_any = |step| match step {
                Step::WriteBudget { owner, kind, to, .. } => {
                    let from = inner.store.find_budget(&owner, kind).unwrap();
                    [Step::WriteBudget {
                        owner,
                        kind,
                        from,
                        to,
                    }]
                }
                other => [other],
            };
            inner.commit_edited(change, now, from_any)
        };
    });
}
