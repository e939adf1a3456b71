//! Conformance suite for [`Sealer`], one function per promise.
//!
//! To run it, call the macro in a test file with a function that makes a sealer from the current key and the
//! former keys. Each promise becomes one test, such as `fast_sealer::unknown_key_does_not_open`.
//!
//! ```
//! mod fast_sealer {
//!     use kunci_testkit::fakes::FastSealer;
//!
//!     kunci_testkit::sealer_suite!(FastSealer::boxed);
//! }
//! ```
//!
//! The suite cannot show that sealed bytes reveal nothing but their length.
//!
//! [`Sealer`]: kunci_domain::ports::Sealer

pub mod keys;
pub mod opening;
pub mod sealing;
mod support;

pub use support::NewSealer;

/// A promise of the sealers that a function makes.
pub type Promise = fn(NewSealer<'_>);

/// All promises of a sealer, with their names.
pub const PROMISES: &[(&str, Promise)] = crate::for_each_sealer_promise!(promise_table);

/// Makes a test of each promise of a [`Sealer`](kunci_domain::ports::Sealer).
///
/// The expression is a function that makes a sealer from the current key and the former keys.
#[macro_export]
macro_rules! sealer_suite {
    ($new:expr) => {
        $crate::for_each_sealer_promise!(promise_tests, new, $new, (&new));
    };
}

/// Lists the promises of a sealer. Tables and tests are made from this list.
#[doc(hidden)]
#[macro_export]
macro_rules! for_each_sealer_promise {
    ($callback:ident $(, $pattern:tt, $new:expr, $arguments:tt)?) => {
        $crate::$callback! {
            $($pattern, $new, $arguments,)? sealer:
            opening::sealed_secret_opens,
            opening::empty_secret_can_be_sealed,
            opening::changed_bytes_do_not_open,
            opening::truncated_or_extended_bytes_do_not_open,
            opening::different_context_does_not_open,
            opening::secret_and_context_are_kept_apart,
            opening::arbitrary_bytes_do_not_open,
            sealing::sealing_twice_gives_different_bytes,
            sealing::sealed_bytes_do_not_contain_the_secret,
            keys::unknown_key_does_not_open,
            keys::former_key_still_opens,
            keys::former_key_never_seals,
        }
    };
}
