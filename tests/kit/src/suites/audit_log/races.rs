//! Promises about concurrent calls, through one handle and through two.

use kunci_domain::ports::AuditLog;
use kunci_domain::{Event, EventKind};

use super::support::{append, assert_holds, delete_all_of, list, purge};
use crate::samples::{event, start_plus, user_id};
use crate::suites::session_store::races::{count_of, run_concurrently};

const THREADS: u64 = 8;
const EACH: i64 = 10;

/// Returns an event whose time identifies the thread that appended it and its position there.
fn of_thread(number: u64, count: i64) -> Event {
    let thread = i64::try_from(number).expect("few threads");
    event(user_id(1), thread * 1_000 + count, EventKind::SignedIn)
}

/// Appends events from many threads at once, and returns all events in the order of the log.
fn append_concurrently(log: &dyn AuditLog) -> Vec<Event> {
    run_concurrently(THREADS, |number| {
        (0..EACH).for_each(|count| append(log, &of_thread(number, count)));
    });
    let mut found = list(log, user_id(1), 0, u32::MAX);
    found.reverse();
    found
}

/// Checks that each event appended by any thread is in the log exactly once.
pub fn concurrent_appends_are_not_lost(log: &dyn AuditLog) {
    let found = append_concurrently(log);
    assert_eq!(found.len(), usize::try_from(EACH).expect("few") * 8);
    for number in 0..THREADS {
        for count in 0..EACH {
            assert_eq!(count_of(&found, &of_thread(number, count)), 1);
        }
    }
}

/// Checks that the events of each thread are in the order in which it appended them.
pub fn events_of_one_thread_stay_in_order(log: &dyn AuditLog) {
    let found = append_concurrently(log);
    for number in 0..THREADS {
        let mine = start_plus(i64::try_from(number).expect("few threads") * 1_000);
        let own = found
            .iter()
            .filter(|event| mine <= event.at && event.at.since(mine).as_millis() < 1_000);
        let want: Vec<Event> = (0..EACH).map(|count| of_thread(number, count)).collect();
        assert_eq!(own.cloned().collect::<Vec<_>>(), want);
    }
}

/// Checks that concurrent purges count each old event once and keep newer events.
pub fn concurrent_purges_count_each_event_once(log: &dyn AuditLog) {
    for _ in 0..10 {
        for millis in 0..6 {
            append(log, &event(user_id(1), millis, EventKind::SignedIn));
        }
        let young = event(user_id(1), 50, EventKind::SignedIn);
        append(log, &young);
        let counts = run_concurrently(4, |_| purge(log, start_plus(50), 10));
        assert_eq!(counts.iter().sum::<u64>(), 6);
        assert_holds(log, user_id(1), &[young]);
        assert_eq!(delete_all_of(log, user_id(1)), 1);
    }
}

/// Checks that concurrent calls of `delete_all_of` count each event once.
pub fn concurrent_deletes_count_each_event_once(log: &dyn AuditLog) {
    for _ in 0..10 {
        for millis in 0..6 {
            append(log, &event(user_id(1), millis, EventKind::SignedIn));
        }
        let counts = run_concurrently(4, |_| delete_all_of(log, user_id(1)));
        assert_eq!(counts.iter().sum::<u64>(), 6);
        assert_holds(log, user_id(1), &[]);
    }
}

/// Checks that the other handle sees each acknowledged write at once.
pub fn writes_are_visible_to_the_other_handle(one: &dyn AuditLog, other: &dyn AuditLog) {
    let event = event(user_id(1), 0, EventKind::PasswordReset);
    append(one, &event);
    assert_holds(other, user_id(1), std::slice::from_ref(&event));
    assert_eq!(delete_all_of(other, user_id(1)), 1);
    assert_holds(one, user_id(1), &[]);
    append(other, &event);
    assert_eq!(purge(one, start_plus(1), 10), 1);
    assert_holds(other, user_id(1), &[]);
}

/// Checks that events appended through two handles in turn are listed in the order of their
/// acknowledgement.
pub fn events_of_two_handles_share_one_order(one: &dyn AuditLog, other: &dyn AuditLog) {
    let events: Vec<Event> = (0..20)
        .map(|count| event(user_id(1), -count, EventKind::SignedIn))
        .collect();
    for pair in events.chunks(2) {
        append(one, &pair[0]);
        append(other, &pair[1]);
    }
    assert_holds(one, user_id(1), &events);
    assert_holds(other, user_id(1), &events);
}
