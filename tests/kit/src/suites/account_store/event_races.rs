//! Promises about concurrent events and purges, through one handle and through two.

use kunci_domain::ports::AccountStore;
use kunci_domain::{Event, EventKind};

use super::support::{add_link, append, assert_events, end, events, purge, purge_events};
use crate::samples::{event, invitation, start_plus, user_id};
use crate::suites::concurrency::{count_of, run_concurrently};

const THREADS: u64 = 8;
const EACH: i64 = 10;

/// Returns an event whose time identifies the thread that appended it and its position there.
fn of_thread(number: u64, count: i64) -> Event {
    let thread = i64::try_from(number).expect("few threads");
    event(user_id(1), thread * 1_000 + count, EventKind::SignedIn)
}

/// Appends events from many threads at once, and returns all events in their order.
fn append_concurrently(store: &dyn AccountStore) -> Vec<Event> {
    run_concurrently(THREADS, |number| {
        (0..EACH).for_each(|count| append(store, &of_thread(number, count)));
    });
    let mut found = events(store, user_id(1), 0, u32::MAX);
    found.reverse();
    found
}

/// Checks that each event appended by any thread is stored exactly once.
pub fn concurrent_appends_are_not_lost(store: &dyn AccountStore) {
    let found = append_concurrently(store);
    assert_eq!(found.len(), usize::try_from(EACH).expect("few") * 8);
    for number in 0..THREADS {
        for count in 0..EACH {
            assert_eq!(count_of(&found, &of_thread(number, count)), 1);
        }
    }
}

/// Checks that the events of each thread are in the order of its commits.
pub fn events_of_one_thread_stay_in_order(store: &dyn AccountStore) {
    let found = append_concurrently(store);
    for number in 0..THREADS {
        let mine = start_plus(i64::try_from(number).expect("few threads") * 1_000);
        let own = found
            .iter()
            .filter(|event| mine <= event.at && event.at.since(mine).as_millis() < 1_000);
        let want: Vec<Event> = (0..EACH).map(|count| of_thread(number, count)).collect();
        assert_eq!(own.cloned().collect::<Vec<_>>(), want);
    }
}

/// Checks that concurrent purges count each expired link and each old event once, and keep newer events.
pub fn concurrent_purges_count_each_record_once(store: &dyn AccountStore) {
    for round in 0..10 {
        for number in 0..6 {
            add_link(store, &invitation(round * 100 + number));
            append(store, &of_thread(0, 0));
        }
        let young = event(user_id(1), 50, EventKind::SignedIn);
        append(store, &young);
        let counts = run_concurrently(4, |_| purge(store, end(), start_plus(50), 10));
        assert_eq!(counts.iter().sum::<u64>(), 12);
        assert_events(store, user_id(1), &[young]);
        assert_eq!(purge_events(store, start_plus(51), 10), 1);
    }
}

/// Checks that the other handle sees each acknowledged event and purge at once.
pub fn event_writes_are_visible_to_the_other_handle(one: &dyn AccountStore, other: &dyn AccountStore) {
    let event = event(user_id(1), 0, EventKind::PasswordReset);
    append(one, &event);
    assert_events(other, user_id(1), std::slice::from_ref(&event));
    assert_eq!(purge_events(other, start_plus(1), 10), 1);
    assert_events(one, user_id(1), &[]);
}

/// Checks that events appended through two handles in turn are listed in the order of their commits.
pub fn events_of_two_handles_share_one_order(one: &dyn AccountStore, other: &dyn AccountStore) {
    let appended: Vec<Event> = (0..20)
        .map(|count| event(user_id(1), -count, EventKind::SignedIn))
        .collect();
    for pair in appended.chunks(2) {
        append(one, &pair[0]);
        append(other, &pair[1]);
    }
    assert_events(one, user_id(1), &appended);
    assert_events(other, user_id(1), &appended);
}
