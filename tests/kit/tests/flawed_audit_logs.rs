//! A suite is worth what it catches: each flaw that audit logs are known for breaks the promise it should.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use kunci_domain::ports::{AuditLog, StoreError};
use kunci_domain::{Event, Timestamp, UserId};
use kunci_memory::MemoryAuditLog;
use kunci_testkit::samples::user_id;
use kunci_testkit::suites::audit_log::PROMISES;

type Answer<T> = Result<T, StoreError>;
type Within = MemoryAuditLog;

/// A log with one flaw; without it, it is as good as the one within.
struct Flawed {
    within: Within,
    append: fn(&Within, &Event) -> Answer<()>,
    list: fn(&Within, UserId, u32, u32) -> Answer<Vec<Event>>,
    delete_all_of: fn(&Within, UserId) -> Answer<u64>,
    purge: fn(&Within, Timestamp, u32) -> Answer<u64>,
}

impl Flawed {
    fn but_for(flaw: impl FnOnce(&mut Self)) -> Self {
        let mut flawed = Self {
            within: Within::default(),
            append: |within, event| within.append(event),
            list: |within, user, skip, limit| within.list(user, skip, limit),
            delete_all_of: |within, user| within.delete_all_of(user),
            purge: |within, before, limit| within.purge(before, limit),
        };
        flaw(&mut flawed);
        flawed
    }
}

impl AuditLog for Flawed {
    fn append(&self, event: &Event) -> Answer<()> {
        (self.append)(&self.within, event)
    }

    fn list(&self, user: UserId, skip: u32, limit: u32) -> Answer<Vec<Event>> {
        (self.list)(&self.within, user, skip, limit)
    }

    fn delete_all_of(&self, user: UserId) -> Answer<u64> {
        (self.delete_all_of)(&self.within, user)
    }

    fn purge(&self, before: Timestamp, limit: u32) -> Answer<u64> {
        (self.purge)(&self.within, before, limit)
    }
}

/// The promise must fail with the flaw, and must hold without it.
#[track_caller]
fn breaks(promise: &str, flaw: impl Fn(&mut Flawed)) {
    let (_, check) = PROMISES.iter().find(|(name, _)| *name == promise).unwrap();
    check(&Flawed::but_for(|_| {}));
    let fails = || {
        let flawed = Flawed::but_for(&flaw);
        catch_unwind(AssertUnwindSafe(|| check(&flawed))).is_err()
    };
    assert!((0..TRIES).any(|_| fails()), "{promise} was not broken");
}

/// On a busy machine one race may go well by chance; that many never do.
const TRIES: usize = 50;

/// Lets other threads into the gap between looking and writing.
fn dawdle() {
    (0..20).for_each(|_| thread::yield_now());
}

/// Takes all events of a user out, and puts what `bend` makes of them back, the earliest first.
fn rewrite(within: &Within, user: UserId, bend: impl FnOnce(&mut Vec<Event>)) -> Answer<()> {
    let mut events = within.list(user, 0, u32::MAX)?;
    events.reverse();
    bend(&mut events);
    dawdle();
    within.delete_all_of(user)?;
    events.iter().try_for_each(|event| within.append(event))
}

#[test]
fn taking_an_event_for_one_that_is_there() {
    let flaw = |log: &mut Flawed| {
        log.append = |within, event| match within.list(event.user, 0, u32::MAX)?.contains(event) {
            true => Ok(()),
            false => within.append(event),
        };
    };
    breaks("what_happened_twice_stands_there_twice", flaw);
    breaks("a_user_s_events_are_listed_alone", flaw);
}

#[test]
fn rewriting_instead_of_appending() {
    let flaw = |log: &mut Flawed| {
        log.append = |within, event| rewrite(within, event.user, |events| events.push(event.clone()));
    };
    breaks("no_event_is_lost", flaw);
}

#[test]
fn putting_the_latest_before_the_earliest() {
    let flaw = |log: &mut Flawed| {
        log.append = |within, event| rewrite(within, event.user, |events| events.insert(0, event.clone()));
    };
    breaks("events_are_listed_the_latest_first", flaw);
    breaks("each_thread_s_events_stay_in_their_order", flaw);
}

#[test]
fn sorting_by_time() {
    let flaw = |log: &mut Flawed| {
        log.list = |within, user, skip, limit| {
            let mut events = within.list(user, 0, u32::MAX)?;
            events.sort_by_key(|event| std::cmp::Reverse(event.at));
            Ok(events
                .into_iter()
                .skip(skip as usize)
                .take(limit as usize)
                .collect())
        };
    };
    breaks("the_order_is_that_of_appending_whatever_the_clock_said", flaw);
    breaks("extreme_times_come_back", flaw);
    breaks("a_history_may_begin_anew", flaw);
    breaks("a_purge_goes_by_time_and_keeps_the_order", flaw);
}

#[test]
fn listing_wrongly() {
    breaks("a_user_s_events_are_listed_alone", |log| {
        log.list = |within, user, skip, limit| {
            let mut events = within.list(user, skip, limit)?;
            events.extend(within.list(user_id(2), skip, limit)?);
            Ok(events)
        };
    });
    breaks("events_are_listed_the_latest_first", |log| {
        log.list = |within, user, skip, limit| {
            let mut events = within.list(user, skip, limit)?;
            events.reverse();
            Ok(events)
        };
    });
    breaks("pages_put_together_are_the_whole", |log| {
        log.list = |within, user, _, limit| within.list(user, 0, limit);
    });
    breaks("a_page_beyond_the_end_is_empty", |log| {
        log.list = |within, user, skip, limit| within.list(user, skip.min(8), limit);
    });
    breaks("a_limit_of_zero_lists_nothing", |log| {
        log.list = |within, user, skip, limit| within.list(user, skip, limit.max(1));
    });
}

#[test]
fn losing_what_an_event_tells() {
    let flaw = |log: &mut Flawed| {
        log.append = |within, event| {
            within.append(&Event {
                device: Default::default(),
                ..event.clone()
            })
        };
    };
    breaks("every_kind_of_event_comes_back_as_it_went_in", flaw);
    breaks("every_device_comes_back", flaw);
}

#[test]
fn deleting_wrongly() {
    breaks("deleting_all_of_a_user_leaves_everybody_else", |log| {
        log.delete_all_of = |within, user| {
            within.delete_all_of(user_id(2))?;
            within.delete_all_of(user)
        };
    });
    breaks("deleting_all_of_a_user_may_be_repeated", |log| {
        log.delete_all_of = |within, user| Ok(within.delete_all_of(user)?.max(1));
    });
    breaks("several_deletions_count_each_event_once", |log| {
        log.delete_all_of = |within, user| {
            let count = within.list(user, 0, u32::MAX)?.len() as u64;
            dawdle();
            within.delete_all_of(user)?;
            Ok(count)
        };
    });
}

#[test]
fn purging_wrongly() {
    let inclusive = |log: &mut Flawed| {
        log.purge = |within, before, limit| {
            let after = Timestamp::from_unix_millis(before.unix_millis().saturating_add(1));
            within.purge(after, limit)
        };
    };
    breaks("a_purge_removes_what_is_from_before_and_nothing_else", inclusive);
    breaks("several_purges_count_each_event_once", inclusive);
    breaks("a_purge_honours_its_limit", |log| {
        log.purge = |within, before, limit| within.purge(before, limit.max(1) * 2);
    });
    breaks("a_purge_honours_its_limit", |log| {
        log.purge = |within, before, limit| within.purge(before, limit.min(2));
    });
    breaks("a_purge_goes_by_time_and_keeps_the_order", |log| {
        log.purge = |within, before, _| {
            let old = within.list(user_id(1), 0, u32::MAX)?;
            let count = old.iter().filter(|event| event.at < before).count();
            rewrite(within, user_id(1), |events| drop(events.drain(..count)))?;
            Ok(count as u64)
        };
    });
    breaks("a_purge_of_an_empty_log_removes_nothing", |log| {
        log.purge = |within, before, limit| Ok(within.purge(before, limit)?.max(1));
    });
}
