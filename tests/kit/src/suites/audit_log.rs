//! The promises of [`AuditLog`], one function each.
//!
//! A test file for a log says how to open a fresh one; the macros make a test of every promise:
//!
//! ```
//! use kunci_memory::MemoryAuditLog;
//!
//! mod history {
//!     kunci_testkit::audit_log_suite!(super::open());
//! }
//!
//! /// Whatever must outlive the log, such as a temporary folder, and a fresh log.
//! fn open() -> ((), MemoryAuditLog) {
//!     ((), MemoryAuditLog::default())
//! }
//! ```
//!
//! Left out: what a log does when it fails, and what is left after a crash; both need its own means.

#![allow(
    clippy::expect_used,
    reason = "a promise that cannot be checked is a failed test"
)]

pub mod ending;
pub mod keeping;
pub mod races;
mod steps;

use kunci_domain::ports::AuditLog;

/// A promise about an audit log.
pub type Promise = fn(&dyn AuditLog);

/// A promise about two handles on the same data.
pub type SharedPromise = fn(&dyn AuditLog, &dyn AuditLog);

/// Every promise of an audit log, by name.
pub const PROMISES: &[(&str, Promise)] = crate::for_each_event_promise!(promise_table);

/// Every promise of two handles on the same events, by name.
pub const SHARED_PROMISES: &[(&str, SharedPromise)] = crate::for_each_shared_event_promise!(promise_table);

/// Makes a test of every promise of an [`AuditLog`]; the expression opens a fresh one and gives
/// `(guard, log)`.
#[macro_export]
macro_rules! audit_log_suite {
    ($open:expr) => {
        $crate::for_each_event_promise!(promise_tests, (_guard, log), $open, (&log));
    };
}

/// Makes a test of every promise about two handles on the same data; the expression opens them and
/// gives `(guard, one, other)`.
#[macro_export]
macro_rules! shared_audit_log_suite {
    ($open:expr) => {
        $crate::for_each_shared_event_promise!(promise_tests, (_guard, one, other), $open, (&one, &other));
    };
}

/// The one list of the promises of an audit log.
#[doc(hidden)]
#[macro_export]
macro_rules! for_each_event_promise {
    ($then:ident $(, $with:tt, $open:expr, $given:tt)?) => {
        $crate::$then! {
            $($with, $open, $given,)? audit_log:
            keeping::every_kind_of_event_comes_back_as_it_went_in,
            keeping::every_device_comes_back,
            keeping::extreme_times_come_back,
            keeping::what_happened_twice_stands_there_twice,
            keeping::events_are_listed_the_latest_first,
            keeping::the_order_is_that_of_appending_whatever_the_clock_said,
            keeping::a_user_s_events_are_listed_alone,
            keeping::pages_put_together_are_the_whole,
            keeping::a_page_beyond_the_end_is_empty,
            keeping::a_limit_of_zero_lists_nothing,
            ending::deleting_all_of_a_user_leaves_everybody_else,
            ending::deleting_all_of_a_user_may_be_repeated,
            ending::a_history_may_begin_anew,
            ending::a_purge_removes_what_is_from_before_and_nothing_else,
            ending::a_purge_goes_by_time_and_keeps_the_order,
            ending::a_purge_honours_its_limit,
            ending::a_purge_of_an_empty_log_removes_nothing,
            races::no_event_is_lost,
            races::each_thread_s_events_stay_in_their_order,
            races::several_purges_count_each_event_once,
            races::several_deletions_count_each_event_once,
        }
    };
}

/// The one list of the promises of two handles on the same events.
#[doc(hidden)]
#[macro_export]
macro_rules! for_each_shared_event_promise {
    ($then:ident $(, $with:tt, $open:expr, $given:tt)?) => {
        $crate::$then! {
            $($with, $open, $given,)? audit_log:
            races::what_one_handle_writes_the_other_sees_at_once,
            races::events_of_two_handles_stand_in_the_order_in_which_they_were_acknowledged,
        }
    };
}
