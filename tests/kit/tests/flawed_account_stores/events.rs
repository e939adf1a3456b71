//! Flaws in appending, listing and purging events.

use std::cmp::Reverse;

use kunci_domain::ports::AccountStore;
use kunci_domain::{Actor, Device, Event, Interface, Step, Timestamp, UserId};
use kunci_testkit::samples::user_id;

use crate::store::{Flawed, Inner, breaks};
use crate::support::yield_to_other_threads;

fn is_known(inner: &Inner, event: &Event) -> bool {
    event
        .target
        .is_some_and(|user| inner.history(user).contains(event))
}

#[test]
fn losing_events_is_caught() {
    let beside_other_steps = |store: &mut Flawed| {
        store.commit = |inner, change, now| {
            let alone = change.steps().len() == 1;
            let kept = |step| Some(step).filter(|step| alone || !matches!(step, Step::AppendEvent(_)));
            inner.commit_edited(change, now, kept)
        };
    };
    breaks("one_commit_creates_user_link_and_event", beside_other_steps);
    breaks("one_commit_spends_replaces_and_appends", beside_other_steps);
    let of_unknown_users = |store: &mut Flawed| {
        store.commit = |inner, change, now| {
            inner.commit_edited(change, now, |step| match step {
                Step::AppendEvent(event) if event.target.and_then(|id| inner.user(id)).is_none() => None,
                step => Some(step),
            })
        };
    };
    breaks("events_after_a_delete_are_kept", of_unknown_users);
    breaks("latest_events_are_listed_first", of_unknown_users);
    let repeated = |store: &mut Flawed| {
        store.commit = |inner, change, now| {
            inner.commit_edited(change, now, |step| match step {
                Step::AppendEvent(event) if is_known(inner, &event) => None,
                step => Some(step),
            })
        };
    };
    breaks("identical_events_are_both_kept", repeated);
    breaks("events_of_other_users_are_not_listed", repeated);
}

/// Makes each commit of an event rewrite the user's history, edited by `edit`.
macro_rules! rewriting {
    ($edit:expr) => {
        |store: &mut Flawed| {
            store.commit = |inner, change, now| {
                let [Step::AppendEvent(event)] = change.steps() else {
                    return inner.store.commit(change, now);
                };
                let edit: fn(&mut Vec<Event>, Event) = $edit;
                let mut events = event.target.map_or_else(Vec::new, |user| inner.history(user));
                edit(&mut events, event.clone());
                yield_to_other_threads();
                inner
                    .store
                    .purge(Timestamp::from_unix_millis(i64::MIN), Timestamp::MAX, u32::MAX)?;
                inner.commit(events.into_iter().map(Step::AppendEvent), now)
            };
        }
    };
}

#[test]
fn rewriting_instead_of_appending_is_caught() {
    breaks(
        "concurrent_appends_are_not_lost",
        rewriting!(|events, event| events.push(event)),
    );
    let prepending = rewriting!(|events, event| events.insert(0, event));
    breaks("latest_events_are_listed_first", prepending);
    breaks("events_of_one_thread_stay_in_order", prepending);
}

#[test]
fn sorting_by_time_is_caught() {
    let flaw = |store: &mut Flawed| {
        store.events = |inner, user, skip, limit| {
            let mut events = inner.history(user);
            events.reverse();
            events.sort_by_key(|event| Reverse(event.at));
            Ok(events
                .into_iter()
                .skip(skip as usize)
                .take(limit as usize)
                .collect())
        };
    };
    breaks("events_are_ordered_by_commit_not_by_time", flaw);
    breaks("extreme_event_times_are_preserved", flaw);
    breaks("purge_selects_by_time_and_keeps_the_order", flaw);
    breaks("events_of_one_commit_keep_their_order", flaw);
}

#[test]
fn wrong_event_list_is_caught() {
    breaks("events_of_other_users_are_not_listed", |store| {
        store.events = |inner, user, skip, limit| {
            let mut events = inner.store.events(user, skip, limit)?;
            events.extend(inner.store.events(user_id(2), skip, limit)?);
            Ok(events)
        };
    });
    breaks("pages_contain_each_event_once", |store| {
        store.events = |inner, user, _, limit| inner.store.events(user, 0, limit);
    });
    breaks("page_past_the_last_event_is_empty", |store| {
        store.events = |inner, user, skip, limit| inner.store.events(user, skip.min(8), limit);
    });
    breaks("limit_of_zero_lists_no_events", |store| {
        store.events = |inner, user, skip, limit| inner.store.events(user, skip, limit.max(1));
    });
}

#[test]
fn losing_the_device_is_caught() {
    let flaw = |store: &mut Flawed| {
        store.commit = |inner, change, now| {
            inner.commit_edited(change, now, |step| match step {
                Step::AppendEvent(event) => [Step::AppendEvent(Event {
                    device: Device::default(),
                    ..event
                })],
                step => [step],
            })
        };
    };
    breaks("every_event_kind_is_preserved", flaw);
    breaks("every_device_is_preserved", flaw);
}

/// Makes each commit store another event, edited by `edit`.
macro_rules! editing {
    ($edit:expr) => {
        |store: &mut Flawed| {
            store.commit = |inner, change, now| {
                let edit: fn(Event) -> Event = $edit;
                inner.commit_edited(change, now, |step| match step {
                    Step::AppendEvent(event) => [Step::AppendEvent(edit(event))],
                    step => [step],
                })
            };
        }
    };
}

#[test]
fn wrong_actor_is_caught() {
    let owner = editing!(|event| Event {
        actor: Actor::Owner,
        ..event
    });
    breaks("every_actor_is_preserved", owner);
    let one_interface = editing!(|event| Event {
        actor: match event.actor {
            Actor::Administrator(id, _) => Actor::Administrator(id, Interface::Page),
            actor => actor,
        },
        ..event
    });
    breaks("every_actor_is_preserved", one_interface);
}

#[test]
fn wrong_target_is_caught() {
    let administrator = editing!(|event| match event.actor {
        Actor::Administrator(id, _) => Event {
            target: Some(id),
            ..event
        },
        _ => event,
    });
    breaks("every_actor_is_preserved", administrator);
    let zero = editing!(|event| Event {
        target: event.target.or(Some(UserId::from_stored(0))),
        ..event
    });
    breaks("event_without_target_is_kept_apart", zero);
    let dropped = |store: &mut Flawed| {
        store.commit = |inner, change, now| {
            let has_target = |step| match step {
                Step::AppendEvent(event) if event.target.is_none() => None,
                step => Some(step),
            };
            inner.commit_edited(change, now, has_target)
        };
    };
    breaks("event_without_target_is_kept_apart", dropped);
    breaks("event_of_a_deletion_outlives_the_user", |store| {
        store.commit = |inner, change, now| {
            let mut steps: Vec<Step> = change.steps().to_vec();
            // Applies deletions last.
            steps.sort_by_key(|step| matches!(step, Step::DeleteUser(_)));
            inner.commit(steps, now)
        };
    });
}

#[test]
fn wrong_purge_of_events_is_caught() {
    let inclusive = |store: &mut Flawed| {
        store.purge = |inner, now, before, limit| {
            let after = Timestamp::from_unix_millis(before.unix_millis().saturating_add(1));
            inner.store.purge(now, after, limit)
        };
    };
    breaks("purge_removes_only_earlier_events", inclusive);
    breaks("concurrent_purges_count_each_record_once", inclusive);
    breaks("purge_of_events_respects_its_limit", |store| {
        store.purge = |inner, now, before, limit| inner.store.purge(now, before, limit.max(1) * 2);
    });
    breaks("purge_of_events_respects_its_limit", |store| {
        store.purge = |inner, now, before, limit| inner.store.purge(now, before, limit.min(2));
    });
    breaks("purge_of_empty_store_removes_nothing", |store| {
        store.purge = |inner, now, before, limit| Ok(inner.store.purge(now, before, limit)?.max(1));
    });
}
