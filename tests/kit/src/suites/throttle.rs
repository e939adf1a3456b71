//! The promises of [`Throttle`], one function each.
//!
//! A test file for a throttle says how to make a fresh one; the macro makes a test of every promise:
//!
//! ```
//! use kunci_memory::MemoryThrottle;
//!
//! mod throttle {
//!     kunci_testkit::throttle_suite!(super::open());
//! }
//!
//! /// Whatever must outlive the throttle, and a fresh throttle with at least a hundred places.
//! fn open() -> ((), MemoryThrottle) {
//!     ((), MemoryThrottle::with_capacity(100))
//! }
//! ```
//!
//! Left out: how large a budget should be, and how much memory a throttle takes.

#![allow(
    clippy::expect_used,
    reason = "a promise that cannot be checked is a failed test"
)]

pub mod counting;
pub mod races;
pub mod room;
mod steps;

use kunci_domain::ports::Throttle;

/// A promise about a throttle.
pub type Promise = fn(&dyn Throttle);

/// Every promise of a throttle, by name.
pub const PROMISES: &[(&str, Promise)] = crate::for_each_throttle_promise!(promise_table);

/// Makes a test of every promise of a [`Throttle`]; the expression makes a fresh one and gives
/// `(guard, throttle)`.
#[macro_export]
macro_rules! throttle_suite {
    ($open:expr) => {
        $crate::for_each_throttle_promise!(promise_tests, (_guard, throttle), $open, (&throttle));
    };
}

/// The one list of the promises of a throttle.
#[doc(hidden)]
#[macro_export]
macro_rules! for_each_throttle_promise {
    ($then:ident $(, $with:tt, $open:expr, $given:tt)?) => {
        $crate::$then! {
            $($with, $open, $given,)? throttle:
            counting::a_budget_that_nobody_has_used_is_whole,
            counting::as_many_are_granted_at_once_as_the_budget_has,
            counting::a_refusal_tells_how_long_to_wait,
            counting::a_refusal_uses_nothing_up,
            counting::an_attempt_is_there_again_after_its_time,
            counting::a_budget_is_never_more_than_whole,
            counting::keys_have_budgets_of_their_own,
            counting::one_key_may_be_asked_with_different_budgets,
            counting::a_budget_of_nothing_grants_nothing,
            counting::a_clock_that_is_set_back_frees_nobody,
            counting::an_attempt_that_is_given_back_can_be_taken_again,
            counting::giving_back_makes_no_budget_more_than_whole,
            counting::forgetting_makes_one_budget_whole,
            counting::forgetting_may_be_repeated,
            counting::every_answer_is_that_of_the_budget,
            room::keys_made_up_by_the_thousand_free_nobody_s_budget,
            races::as_many_of_fifty_are_granted_as_the_budget_has,
            races::no_attempt_is_lost,
            races::attempts_that_are_given_back_meanwhile_leave_the_budget_whole,
            races::attempts_at_different_keys_do_not_meet,
        }
    };
}
