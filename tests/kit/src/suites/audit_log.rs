//! Conformance suite for [`AuditLog`], one function per promise.
//!
//! To run it, write a function that opens a fresh log and pass a call of it to the macro in a test file.
//! Each promise becomes one test, such as `audit_log::latest_events_are_listed_first`.
//!
//! ```
//! use kunci_memory::MemoryAuditLog;
//!
//! mod audit_log {
//!     kunci_testkit::audit_log_suite!(super::open());
//! }
//!
//! /// Returns a guard, such as a temporary folder that must outlive the log, and a fresh log.
//! fn open() -> ((), MemoryAuditLog) {
//!     ((), MemoryAuditLog::default())
//! }
//! ```

#![allow(clippy::expect_used, reason = "a promise that cannot be checked fails")]

pub mod appending;
pub mod deleting;
pub mod races;
mod support;

use kunci_domain::ports::AuditLog;

/// A promise of an audit log.
pub type Promise = fn(&dyn AuditLog);

/// A promise of two handles on the same data.
pub type SharedPromise = fn(&dyn AuditLog, &dyn AuditLog);

/// All promises of an audit log, with their names.
pub const PROMISES: &[(&str, Promise)] = crate::for_each_event_promise!(promise_table);

/// All promises of two handles on the same events, with their names.
pub const SHARED_PROMISES: &[(&str, SharedPromise)] = crate::for_each_shared_event_promise!(promise_table);

/// Makes a test of each promise of an [`AuditLog`].
///
/// The expression opens a fresh log and returns `(guard, log)`.
#[macro_export]
macro_rules! audit_log_suite {
    ($open:expr) => {
        $crate::for_each_event_promise!(promise_tests, (_guard, log), $open, (&log));
    };
}

/// Makes a test of each promise of two handles on the same events.
///
/// The expression opens both handles and returns `(guard, one, other)`.
#[macro_export]
macro_rules! shared_audit_log_suite {
    ($open:expr) => {
        $crate::for_each_shared_event_promise!(promise_tests, (_guard, one, other), $open, (&one, &other));
    };
}

/// Lists the promises of an audit log. Tables and tests are made from this list.
#[doc(hidden)]
#[macro_export]
macro_rules! for_each_event_promise {
    ($callback:ident $(, $pattern:tt, $open:expr, $arguments:tt)?) => {
        $crate::$callback! {
            $($pattern, $open, $arguments,)? audit_log:
            appending::every_event_kind_is_preserved,
            appending::every_device_is_preserved,
            appending::extreme_times_are_preserved,
            appending::identical_events_are_both_kept,
            appending::latest_events_are_listed_first,
            appending::events_are_ordered_by_append_not_by_time,
            appending::events_of_other_users_are_not_listed,
            appending::pages_cover_everything_exactly_once,
            appending::page_past_the_end_is_empty,
            appending::limit_of_zero_lists_nothing,
            deleting::delete_all_of_user_leaves_other_users,
            deleting::delete_all_of_user_can_be_repeated,
            deleting::events_after_a_delete_or_purge_are_kept,
            deleting::purge_removes_only_earlier_events,
            deleting::purge_selects_by_time_and_keeps_the_order,
            deleting::purge_respects_its_limit,
            deleting::purge_of_empty_log_removes_nothing,
            races::concurrent_appends_are_not_lost,
            races::events_of_one_thread_stay_in_order,
            races::concurrent_purges_count_each_event_once,
            races::concurrent_deletes_count_each_event_once,
        }
    };
}

/// Lists the promises of two handles on the same events.
#[doc(hidden)]
#[macro_export]
macro_rules! for_each_shared_event_promise {
    ($callback:ident $(, $pattern:tt, $open:expr, $arguments:tt)?) => {
        $crate::$callback! {
            $($pattern, $open, $arguments,)? audit_log:
            races::writes_are_visible_to_the_other_handle,
            races::events_of_two_handles_share_one_order,
        }
    };
}
