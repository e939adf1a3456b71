//! Conformance suite for [`Throttle`], one function per promise.
//!
//! To run it, write a function that makes a fresh throttle and pass a call of it to the macro in a test file.
//! Each promise becomes one test, such as `throttle::refusal_reports_the_wait`.
//!
//! ```
//! use kunci_memory::MemoryThrottle;
//!
//! mod throttle {
//!     kunci_testkit::throttle_suite!(super::open());
//! }
//!
//! /// Returns a guard that must outlive the throttle, and a fresh throttle.
//! fn open() -> ((), MemoryThrottle) {
//!     ((), MemoryThrottle::default())
//! }
//! ```
//!
//! The suite does not cover the memory that a throttle uses.

#![allow(clippy::expect_used, reason = "a promise that cannot be checked fails")]

pub mod capacity;
pub mod clock;
pub mod counting;
pub mod races;
mod support;

use kunci_domain::ports::Throttle;

/// A promise of a throttle.
pub type Promise = fn(&dyn Throttle);

/// All promises of a throttle, with their names.
pub const PROMISES: &[(&str, Promise)] = crate::for_each_throttle_promise!(promise_table);

/// Makes a test of each promise of a [`Throttle`].
///
/// The expression makes a fresh throttle and returns `(guard, throttle)`.
#[macro_export]
macro_rules! throttle_suite {
    ($open:expr) => {
        $crate::for_each_throttle_promise!(promise_tests, (_guard, throttle), $open, (&throttle));
    };
}

/// Lists the promises of a throttle. Tables and tests are made from this list.
#[doc(hidden)]
#[macro_export]
macro_rules! for_each_throttle_promise {
    ($callback:ident $(, $pattern:tt, $open:expr, $arguments:tt)?) => {
        $crate::$callback! {
            $($pattern, $open, $arguments,)? throttle:
            counting::unused_budget_is_full,
            counting::budget_grants_exactly_its_attempts,
            counting::refusal_reports_the_wait,
            counting::refusal_uses_no_attempt,
            counting::attempt_returns_after_its_interval,
            counting::budget_never_exceeds_its_size,
            counting::each_key_has_its_own_budget,
            counting::changed_budget_applies_to_earlier_attempts,
            counting::budget_of_zero_grants_nothing,
            counting::reserved_attempts_count,
            counting::released_attempt_can_be_reserved_again,
            counting::release_frees_no_spent_attempt,
            counting::answers_match_the_budget_arithmetic,
            clock::clock_set_forward_and_back_frees_no_attempts,
            clock::clock_set_back_frees_no_attempts,
            clock::clock_set_back_never_lengthens_the_wait,
            capacity::many_new_keys_get_their_attempts,
            capacity::flood_of_keys_does_not_free_a_used_up_budget,
            races::concurrent_attempts_stay_within_the_budget,
            races::concurrent_attempts_all_count,
            races::concurrent_releases_leave_a_full_budget,
            races::concurrent_keys_do_not_interfere,
        }
    };
}
