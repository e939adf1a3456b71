//! The suite detects flaws: each known flaw of audit logs breaks the expected promise.

#![allow(clippy::unwrap_used, reason = "a test fails if a step fails")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use kunci_domain::ports::{AuditLog, StoreError};
use kunci_domain::{Event, Timestamp, UserId};
use kunci_memory::MemoryAuditLog;
use kunci_testkit::samples::user_id;
use kunci_testkit::suites::audit_log::PROMISES;

type Answer<T> = Result<T, StoreError>;
type Inner = MemoryAuditLog;

/// A log with one flaw. Without a flaw it behaves like the inner log.
struct Flawed {
    inner: Inner,
    append: fn(&Inner, &Event) -> Answer<()>,
    list: fn(&Inner, UserId, u32, u32) -> Answer<Vec<Event>>,
    delete_all_of: fn(&Inner, UserId) -> Answer<u64>,
    purge: fn(&Inner, Timestamp, u32) -> Answer<u64>,
}

impl Flawed {
    fn with(flaw: impl FnOnce(&mut Self)) -> Self {
        let mut flawed = Self {
            inner: Inner::default(),
            append: |inner, event| inner.append(event),
            list: |inner, user, skip, limit| inner.list(user, skip, limit),
            delete_all_of: |inner, user| inner.delete_all_of(user),
            purge: |inner, before, limit| inner.purge(before, limit),
        };
        flaw(&mut flawed);
        flawed
    }
}

impl AuditLog for Flawed {
    fn append(&self, event: &Event) -> Answer<()> {
        (self.append)(&self.inner, event)
    }

    fn list(&self, user: UserId, skip: u32, limit: u32) -> Answer<Vec<Event>> {
        (self.list)(&self.inner, user, skip, limit)
    }

    fn delete_all_of(&self, user: UserId) -> Answer<u64> {
        (self.delete_all_of)(&self.inner, user)
    }

    fn purge(&self, before: Timestamp, limit: u32) -> Answer<u64> {
        (self.purge)(&self.inner, before, limit)
    }
}

/// Asserts that the promise fails with the flaw and holds without it.
#[track_caller]
fn breaks(promise: &str, flaw: impl Fn(&mut Flawed)) {
    let (_, check) = PROMISES.iter().find(|(name, _)| *name == promise).unwrap();
    check(&Flawed::with(|_| {}));
    let fails = || {
        let flawed = Flawed::with(&flaw);
        catch_unwind(AssertUnwindSafe(|| check(&flawed))).is_err()
    };
    assert!((0..TRIES).any(|_| fails()), "{promise} was not broken");
}

/// A race may go well by chance, so a flaw gets several tries to show.
const TRIES: usize = 50;

/// Lets other threads run between a check and a write.
fn yield_to_other_threads() {
    (0..20).for_each(|_| thread::yield_now());
}

/// Removes all events of a user and appends the edited list again, earliest event first.
fn rewrite(inner: &Inner, user: UserId, edit: impl FnOnce(&mut Vec<Event>)) -> Answer<()> {
    let mut events = inner.list(user, 0, u32::MAX)?;
    events.reverse();
    edit(&mut events);
    yield_to_other_threads();
    inner.delete_all_of(user)?;
    events.iter().try_for_each(|event| inner.append(event))
}

#[test]
fn deduplicating_events_is_caught() {
    let flaw = |log: &mut Flawed| {
        log.append = |inner, event| match inner.list(event.user, 0, u32::MAX)?.contains(event) {
            true => Ok(()),
            false => inner.append(event),
        };
    };
    breaks("identical_events_are_both_kept", flaw);
    breaks("events_of_other_users_are_not_listed", flaw);
}

#[test]
fn rewriting_instead_of_appending_is_caught() {
    let flaw = |log: &mut Flawed| {
        log.append = |inner, event| rewrite(inner, event.user, |events| events.push(event.clone()));
    };
    breaks("concurrent_appends_are_not_lost", flaw);
}

#[test]
fn prepending_events_is_caught() {
    let flaw = |log: &mut Flawed| {
        log.append = |inner, event| rewrite(inner, event.user, |events| events.insert(0, event.clone()));
    };
    breaks("latest_events_are_listed_first", flaw);
    breaks("events_of_one_thread_stay_in_order", flaw);
}

#[test]
fn sorting_by_time_is_caught() {
    let flaw = |log: &mut Flawed| {
        log.list = |inner, user, skip, limit| {
            let mut events = inner.list(user, 0, u32::MAX)?;
            events.sort_by_key(|event| std::cmp::Reverse(event.at));
            Ok(events
                .into_iter()
                .skip(skip as usize)
                .take(limit as usize)
                .collect())
        };
    };
    breaks("events_are_ordered_by_append_not_by_time", flaw);
    breaks("extreme_times_are_preserved", flaw);
    breaks("events_after_a_delete_or_purge_are_kept", flaw);
    breaks("purge_selects_by_time_and_keeps_the_order", flaw);
}

#[test]
fn wrong_listing_is_caught() {
    breaks("events_of_other_users_are_not_listed", |log| {
        log.list = |inner, user, skip, limit| {
            let mut events = inner.list(user, skip, limit)?;
            events.extend(inner.list(user_id(2), skip, limit)?);
            Ok(events)
        };
    });
    breaks("latest_events_are_listed_first", |log| {
        log.list = |inner, user, skip, limit| {
            let mut events = inner.list(user, skip, limit)?;
            events.reverse();
            Ok(events)
        };
    });
    breaks("pages_cover_everything_exactly_once", |log| {
        log.list = |inner, user, _, limit| inner.list(user, 0, limit);
    });
    breaks("page_past_the_end_is_empty", |log| {
        log.list = |inner, user, skip, limit| inner.list(user, skip.min(8), limit);
    });
    breaks("limit_of_zero_lists_nothing", |log| {
        log.list = |inner, user, skip, limit| inner.list(user, skip, limit.max(1));
    });
}

#[test]
fn losing_the_device_is_caught() {
    let flaw = |log: &mut Flawed| {
        log.append = |inner, event| {
            inner.append(&Event {
                device: Default::default(),
                ..event.clone()
            })
        };
    };
    breaks("every_event_kind_is_preserved", flaw);
    breaks("every_device_is_preserved", flaw);
}

#[test]
fn wrong_deletion_is_caught() {
    breaks("delete_all_of_user_leaves_other_users", |log| {
        log.delete_all_of = |inner, user| {
            inner.delete_all_of(user_id(2))?;
            inner.delete_all_of(user)
        };
    });
    breaks("delete_all_of_user_can_be_repeated", |log| {
        log.delete_all_of = |inner, user| Ok(inner.delete_all_of(user)?.max(1));
    });
    breaks("concurrent_deletes_count_each_event_once", |log| {
        log.delete_all_of = |inner, user| {
            let count = inner.list(user, 0, u32::MAX)?.len() as u64;
            yield_to_other_threads();
            inner.delete_all_of(user)?;
            Ok(count)
        };
    });
}

#[test]
fn wrong_purge_is_caught() {
    let inclusive = |log: &mut Flawed| {
        log.purge = |inner, before, limit| {
            let after = Timestamp::from_unix_millis(before.unix_millis().saturating_add(1));
            inner.purge(after, limit)
        };
    };
    breaks("purge_removes_only_earlier_events", inclusive);
    breaks("concurrent_purges_count_each_event_once", inclusive);
    breaks("purge_respects_its_limit", |log| {
        log.purge = |inner, before, limit| inner.purge(before, limit.max(1) * 2);
    });
    breaks("purge_respects_its_limit", |log| {
        log.purge = |inner, before, limit| inner.purge(before, limit.min(2));
    });
    breaks("purge_selects_by_time_and_keeps_the_order", |log| {
        log.purge = |inner, before, _| {
            let old = inner.list(user_id(1), 0, u32::MAX)?;
            let count = old.iter().filter(|event| event.at < before).count();
            rewrite(inner, user_id(1), |events| drop(events.drain(..count)))?;
            Ok(count as u64)
        };
    });
    breaks("purge_of_empty_log_removes_nothing", |log| {
        log.purge = |inner, before, limit| Ok(inner.purge(before, limit)?.max(1));
    });
}
