//! Many threads at once, through one handle and through two.

use kunci_domain::ports::AuditLog;
use kunci_domain::{Event, EventKind};

use super::steps::{append, assert_holds, delete_all_of, list, purge};
use crate::samples::{event, start_plus, user_id};
use crate::suites::session_store::races::{count_of, together};

const THREADS: u64 = 8;
const EACH: i64 = 10;

/// An event that tells by its time which thread appended it, and as which.
fn of_thread(number: u64, count: i64) -> Event {
    let thread = i64::try_from(number).expect("few threads");
    event(user_id(1), thread * 1_000 + count, EventKind::SignedIn)
}

/// Appends from many threads at once; gives everything in the order in which it stands there.
fn append_together(log: &dyn AuditLog) -> Vec<Event> {
    together(THREADS, |number| {
        (0..EACH).for_each(|count| append(log, &of_thread(number, count)));
    });
    let mut found = list(log, user_id(1), 0, u32::MAX);
    found.reverse();
    found
}

/// What N threads append is there N times.
pub fn no_event_is_lost(log: &dyn AuditLog) {
    let found = append_together(log);
    assert_eq!(found.len(), usize::try_from(EACH).expect("few") * 8);
    for number in 0..THREADS {
        for count in 0..EACH {
            assert_eq!(count_of(&found, &of_thread(number, count)), 1);
        }
    }
}

/// What one thread appended first stands first.
pub fn each_thread_s_events_stay_in_their_order(log: &dyn AuditLog) {
    let found = append_together(log);
    for number in 0..THREADS {
        let mine = start_plus(i64::try_from(number).expect("few threads") * 1_000);
        let own = found
            .iter()
            .filter(|event| mine <= event.at && event.at.since(mine).as_millis() < 1_000);
        let want: Vec<Event> = (0..EACH).map(|count| of_thread(number, count)).collect();
        assert_eq!(own.cloned().collect::<Vec<_>>(), want);
    }
}

/// Each event is counted by one of several purges at once, and what is young is spared.
pub fn several_purges_count_each_event_once(log: &dyn AuditLog) {
    for _ in 0..10 {
        for millis in 0..6 {
            append(log, &event(user_id(1), millis, EventKind::SignedIn));
        }
        let young = event(user_id(1), 50, EventKind::SignedIn);
        append(log, &young);
        let counts = together(4, |_| purge(log, start_plus(50), 10));
        assert_eq!(counts.iter().sum::<u64>(), 6);
        assert_holds(log, user_id(1), &[young]);
        assert_eq!(delete_all_of(log, user_id(1)), 1);
    }
}

/// Each event is counted by one of several deletions at once.
pub fn several_deletions_count_each_event_once(log: &dyn AuditLog) {
    for _ in 0..10 {
        for millis in 0..6 {
            append(log, &event(user_id(1), millis, EventKind::SignedIn));
        }
        let counts = together(4, |_| delete_all_of(log, user_id(1)));
        assert_eq!(counts.iter().sum::<u64>(), 6);
        assert_holds(log, user_id(1), &[]);
    }
}

/// Every write of one handle is seen by the other as soon as it has been acknowledged.
pub fn what_one_handle_writes_the_other_sees_at_once(one: &dyn AuditLog, other: &dyn AuditLog) {
    let event = event(user_id(1), 0, EventKind::PasswordReset);
    append(one, &event);
    assert_holds(other, user_id(1), std::slice::from_ref(&event));
    assert_eq!(delete_all_of(other, user_id(1)), 1);
    assert_holds(one, user_id(1), &[]);
    append(other, &event);
    assert_eq!(purge(one, start_plus(1), 10), 1);
    assert_holds(other, user_id(1), &[]);
}

/// Handles that take turns make one history.
pub fn events_of_two_handles_stand_in_the_order_in_which_they_were_acknowledged(
    one: &dyn AuditLog,
    other: &dyn AuditLog,
) {
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
