//! Flaws in applying several steps at once.

use kunci_domain::ports::{AccountStore, Committed, StoreError};
use kunci_domain::{AccountChange, Step, Timestamp};

use crate::store::{Flawed, Inner, breaks};
use crate::support::Answer;
use crate::support::yield_to_other_threads;

/// Applies the steps one by one until one is refused, and keeps the earlier ones.
fn commit_in_parts(inner: &Inner, change: &AccountChange, now: Timestamp) -> Answer<Committed> {
    for step in change.steps() {
        let outcome = inner.commit([step.clone()], now)?;
        if outcome != Committed::Done {
            return Ok(outcome);
        }
        yield_to_other_threads();
    }
    Ok(Committed::Done)
}

#[test]
fn commit_in_parts_is_caught() {
    let flaw = |store: &mut Flawed| store.commit = commit_in_parts;
    breaks("refused_step_undoes_the_one_before", flaw);
    breaks("refused_last_step_undoes_all_others", flaw);
    breaks("refused_change_succeeds_after_a_new_read", flaw);
    breaks("readers_see_all_of_a_change_or_nothing", flaw);
    breaks("readers_see_nothing_of_a_refused_change", flaw);
    breaks("first_user_is_created_once", flaw);
    breaks("one_of_many_concurrent_resets_wins", flaw);
    breaks("one_of_many_concurrent_replacements_wins", flaw);
    breaks("concurrent_spends_succeed_once_per_use", flaw);
}

/// Returns the steps that append events, and all others.
fn split_events(change: &AccountChange) -> (Vec<Step>, Vec<Step>) {
    let steps = change.steps().iter().cloned();
    steps.partition(|step| matches!(step, Step::AppendEvent(_)))
}

#[test]
fn events_outside_the_transaction_are_caught() {
    let before = |store: &mut Flawed| {
        store.commit = |inner, change, now| {
            let (events, others) = split_events(change);
            let _ = inner.commit(events, now)?;
            inner.commit(others, now)
        };
    };
    breaks("refused_step_undoes_the_one_before", before);
    breaks("one_of_many_concurrent_inserts_of_a_name_wins", before);
    let after = |store: &mut Flawed| {
        store.commit = |inner, change, now| {
            let (events, others) = split_events(change);
            let outcome = inner.commit(others, now)?;
            if outcome == Committed::Done {
                yield_to_other_threads();
                let _ = inner.commit(events, now)?;
            }
            Ok(outcome)
        };
    };
    breaks("readers_see_all_of_a_change_or_nothing", after);
    breaks("deletion_applies_at_its_place", after);
}

#[test]
fn going_on_after_a_refused_step_is_caught() {
    let flaw = |store: &mut Flawed| {
        store.commit = |inner, change, now| {
            let mut refused = Committed::Done;
            for step in change.steps() {
                match inner.commit([step.clone()], now)? {
                    Committed::Done => {}
                    outcome => refused = outcome,
                }
            }
            Ok(refused)
        };
    };
    breaks("refused_first_step_stops_all_others", flaw);
    breaks("first_refused_step_decides_the_outcome", flaw);
}

#[test]
fn wrong_order_of_steps_is_caught() {
    let reversed = |store: &mut Flawed| {
        store.commit = |inner, change, now| inner.commit(change.steps().iter().rev().cloned(), now);
    };
    breaks("user_steps_see_earlier_steps", reversed);
    breaks("link_steps_see_earlier_steps", reversed);
    breaks("one_commit_creates_user_link_and_event", reversed);
    breaks("deletion_applies_at_its_place", reversed);
    breaks("events_of_one_commit_keep_their_order", reversed);
    breaks("first_refused_step_decides_the_outcome", reversed);
    let deletions_last = |store: &mut Flawed| {
        store.commit = |inner, change, now| {
            let mut steps = change.steps().to_vec();
            steps.sort_by_key(|step| matches!(step, Step::DeleteUser(_)));
            inner.commit(steps, now)
        };
    };
    breaks("deletion_applies_at_its_place", deletions_last);
    breaks("user_steps_see_earlier_steps", deletions_last);
}

#[test]
fn empty_store_checked_before_the_transaction_is_caught() {
    let flaw = |store: &mut Flawed| {
        store.commit = |inner, change, now| {
            let required = change.steps().contains(&Step::RequireNoUsers);
            if required && !inner.store.list(None, 1)?.is_empty() {
                return Ok(Committed::NotEmpty);
            }
            yield_to_other_threads();
            let others = |step| Some(step).filter(|step| *step != Step::RequireNoUsers);
            inner.commit_edited(change, now, others)
        };
    };
    breaks("first_user_is_created_once", flaw);
    breaks("user_steps_see_earlier_steps", flaw);
}

#[test]
fn last_step_alone_being_applied_is_caught() {
    let flaw = |store: &mut Flawed| {
        store.commit = |inner, change, now| inner.commit(change.steps().last().cloned(), now);
    };
    breaks("one_commit_creates_user_link_and_event", flaw);
    breaks("one_commit_spends_replaces_and_appends", flaw);
}

#[test]
fn refusing_a_change_without_steps_is_caught() {
    breaks("change_without_steps_is_done", |store| {
        store.commit = |inner, change, now| match change.steps() {
            [] => Ok(Committed::Gone),
            _ => inner.store.commit(change, now),
        };
    });
}

#[test]
fn failing_instead_of_waiting_is_caught() {
    let flaw = |store: &mut Flawed| {
        store.commit = |inner, change, now| {
            let Ok(_guard) = inner.busy.try_lock() else {
                return Err(StoreError::Unavailable {
                    store: "flawed",
                    source: "another transaction holds the lock".into(),
                });
            };
            yield_to_other_threads();
            inner.store.commit(change, now)
        };
    };
    breaks("changes_in_opposite_order_do_not_block_each_other", flaw);
    breaks("concurrent_appends_are_not_lost", flaw);
}
