//! Helpers of the promises: port calls that must not fail, and assertions.

use kunci_domain::ports::AuditLog;
use kunci_domain::{Event, Timestamp, UserId};

#[track_caller]
pub(super) fn append(log: &dyn AuditLog, event: &Event) {
    log.append(event).expect("append");
}

#[track_caller]
pub(super) fn list(log: &dyn AuditLog, user: UserId, skip: u32, limit: u32) -> Vec<Event> {
    log.list(user, skip, limit).expect("list")
}

#[track_caller]
pub(super) fn delete_all_of(log: &dyn AuditLog, user: UserId) -> u64 {
    log.delete_all_of(user).expect("delete_all_of")
}

#[track_caller]
pub(super) fn purge(log: &dyn AuditLog, before: Timestamp, limit: u32) -> u64 {
    log.purge(before, limit).expect("purge")
}

/// Asserts that the log holds exactly these events of a user, in the order of appending.
#[track_caller]
pub(super) fn assert_holds(log: &dyn AuditLog, user: UserId, events: &[Event]) {
    let mut found = list(log, user, 0, u32::MAX);
    found.reverse();
    assert_eq!(found, events);
}
