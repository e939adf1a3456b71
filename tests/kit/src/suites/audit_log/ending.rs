//! Ends of events: those of a user, and those that are old.

use kunci_domain::ports::AuditLog;
use kunci_domain::{Event, EventKind, Timestamp};

use super::steps::{append, assert_holds, delete_all_of, purge};
use crate::samples::{event, start_plus, user_id};

/// An event of one user.
fn at(millis: i64) -> Event {
    event(user_id(1), millis, EventKind::SignedIn)
}

/// Deleting removes all of one user, and nothing of others.
pub fn deleting_all_of_a_user_leaves_everybody_else(log: &dyn AuditLog) {
    let other = event(user_id(2), 0, EventKind::SignedUp);
    append(log, &at(0));
    append(log, &other);
    append(log, &at(1));
    assert_eq!(delete_all_of(log, user_id(1)), 2);
    assert_holds(log, user_id(1), &[]);
    assert_holds(log, user_id(2), &[other]);
}

/// Nobody has no events.
pub fn deleting_all_of_a_user_may_be_repeated(log: &dyn AuditLog) {
    append(log, &at(0));
    assert_eq!(delete_all_of(log, user_id(1)), 1);
    assert_eq!(delete_all_of(log, user_id(1)), 0);
    assert_eq!(delete_all_of(log, user_id(2)), 0);
}

/// What is appended after a deletion or a purge is kept, and comes after what was left.
pub fn a_history_may_begin_anew(log: &dyn AuditLog) {
    append(log, &at(0));
    assert_eq!(delete_all_of(log, user_id(1)), 1);
    append(log, &at(7));
    append(log, &at(1));
    assert_eq!(purge(log, start_plus(5), 10), 1);
    append(log, &at(6));
    assert_holds(log, user_id(1), &[at(7), at(6)]);
}

/// An event at the very time is not from before it.
pub fn a_purge_removes_what_is_from_before_and_nothing_else(log: &dyn AuditLog) {
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

/// What is old goes wherever it stands, and what is left stays in its order.
pub fn a_purge_goes_by_time_and_keeps_the_order(log: &dyn AuditLog) {
    for millis in [9, 1, 8, 2, 7, 3] {
        append(log, &at(millis));
    }
    assert_eq!(purge(log, start_plus(4), 10), 3);
    assert_holds(log, user_id(1), &[at(9), at(8), at(7)]);
}

/// A purge takes small bites, and one that falls short has removed all.
pub fn a_purge_honours_its_limit(log: &dyn AuditLog) {
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

/// Where nothing is, nothing is removed.
pub fn a_purge_of_an_empty_log_removes_nothing(log: &dyn AuditLog) {
    assert_eq!(purge(log, Timestamp::MAX, 10), 0);
}
