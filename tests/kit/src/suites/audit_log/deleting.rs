//! Promises about deleting the events of a user and purging old events.

use kunci_domain::ports::AuditLog;
use kunci_domain::{Event, EventKind, Timestamp};

use super::support::{append, assert_holds, delete_all_of, purge};
use crate::samples::{event, start_plus, user_id};

/// Returns an event of user 1, `millis` milliseconds after the start.
fn at(millis: i64) -> Event {
    event(user_id(1), millis, EventKind::SignedIn)
}

/// Checks that `delete_all_of` removes all events of a user and no others.
pub fn delete_all_of_user_leaves_other_users(log: &dyn AuditLog) {
    let other = event(user_id(2), 0, EventKind::SignedUp);
    append(log, &at(0));
    append(log, &other);
    append(log, &at(1));
    assert_eq!(delete_all_of(log, user_id(1)), 2);
    assert_holds(log, user_id(1), &[]);
    assert_holds(log, user_id(2), &[other]);
}

/// Checks that `delete_all_of` returns zero when it is repeated or the user has no events.
pub fn delete_all_of_user_can_be_repeated(log: &dyn AuditLog) {
    append(log, &at(0));
    assert_eq!(delete_all_of(log, user_id(1)), 1);
    assert_eq!(delete_all_of(log, user_id(1)), 0);
    assert_eq!(delete_all_of(log, user_id(2)), 0);
}

/// Checks that events appended after a delete or purge are kept, behind the remaining ones.
pub fn events_after_a_delete_or_purge_are_kept(log: &dyn AuditLog) {
    append(log, &at(0));
    assert_eq!(delete_all_of(log, user_id(1)), 1);
    append(log, &at(7));
    append(log, &at(1));
    assert_eq!(purge(log, start_plus(5), 10), 1);
    append(log, &at(6));
    assert_holds(log, user_id(1), &[at(7), at(6)]);
}

/// Checks that a purge removes events before the given time and keeps an event at exactly that time.
pub fn purge_removes_only_earlier_events(log: &dyn AuditLog) {
    let of_another = event(user_id(2), 5, EventKind::SignedIn);
    [at(4), at(5), at(6), of_another.clone()]
        .iter()
        .for_each(|event| append(log, event));
    assert_eq!(purge(log, start_plus(4), 10), 0);
    assert_eq!(purge(log, start_plus(5), 10), 1);
    assert_holds(log, user_id(1), &[at(5), at(6)]);
    assert_holds(log, user_id(2), &[of_another]);
    assert_eq!(purge(log, start_plus(6), 10), 2);
    assert_holds(log, user_id(1), &[at(6)]);
    assert_holds(log, user_id(2), &[]);
    assert_eq!(purge(log, Timestamp::MAX, 10), 1);
    assert_holds(log, user_id(1), &[]);
}

/// Checks that a purge removes old events at any position and keeps the order of the rest.
pub fn purge_selects_by_time_and_keeps_the_order(log: &dyn AuditLog) {
    for millis in [9, 1, 8, 2, 7, 3] {
        append(log, &at(millis));
    }
    assert_eq!(purge(log, start_plus(4), 10), 3);
    assert_holds(log, user_id(1), &[at(9), at(8), at(7)]);
}

/// Checks that a purge removes at most `limit` events, and that no old event is left when it removes
/// fewer.
pub fn purge_respects_its_limit(log: &dyn AuditLog) {
    for millis in 0..7 {
        append(log, &at(millis));
    }
    append(log, &at(50));
    assert_eq!(purge(log, start_plus(10), 0), 0);
    for removed in [3, 3, 1, 0] {
        assert_eq!(purge(log, start_plus(10), 3), removed);
    }
    assert_holds(log, user_id(1), &[at(50)]);
    assert_eq!(purge(log, start_plus(51), u32::MAX), 1);
}

/// Checks that a purge of an empty log returns zero.
pub fn purge_of_empty_log_removes_nothing(log: &dyn AuditLog) {
    assert_eq!(purge(log, Timestamp::MAX, 10), 0);
}
