//! The promises of [`Sealer`], one function each.
//!
//! A test file for a sealer says how to make one from the secret that it seals under and the former
//! ones; the macro makes a test of every promise:
//!
//! ```
//! mod fast_sealer {
//!     use kunci_testkit::fakes::FastSealer;
//!
//!     kunci_testkit::sealer_suite!(FastSealer::boxed);
//! }
//! ```
//!
//! Left out, because no test can show it: that nobody without the key can tell anything but the length.
//!
//! [`Sealer`]: kunci_domain::ports::Sealer

pub mod keys;
pub mod opening;
mod steps;
pub mod writing;

use kunci_domain::ports::Sealer;

/// Makes a sealer from the current secret and the former ones, of 32 bytes each.
pub type NewSealer<'n> = &'n dyn Fn(&[u8], &[&[u8]]) -> Box<dyn Sealer>;

/// A promise about the sealers that a function makes.
pub type Promise = fn(NewSealer<'_>);

/// Every promise of a sealer, by name.
pub const PROMISES: &[(&str, Promise)] = crate::for_each_sealer_promise!(promise_table);

/// Makes a test of every promise of a [`Sealer`]; the expression is a function that makes a sealer from
/// the current secret and the former ones.
#[macro_export]
macro_rules! sealer_suite {
    ($new:expr) => {
        $crate::for_each_sealer_promise!(promise_tests, new, $new, (&new));
    };
}

/// The one list of the promises of a sealer.
#[doc(hidden)]
#[macro_export]
macro_rules! for_each_sealer_promise {
    ($then:ident $(, $with:tt, $new:expr, $given:tt)?) => {
        $crate::$then! {
            $($with, $new, $given,)? sealer:
            opening::what_was_sealed_opens,
            opening::nothing_at_all_is_a_secret,
            opening::what_was_changed_does_not_open,
            opening::what_was_cut_or_lengthened_does_not_open,
            opening::another_context_does_not_open,
            opening::secret_and_context_do_not_run_into_each_other,
            opening::garbage_does_not_open,
            writing::the_same_secret_is_sealed_differently_each_time,
            writing::what_is_sealed_does_not_show_the_secret,
            keys::an_unknown_key_does_not_open,
            keys::a_former_key_still_opens,
            keys::nothing_is_sealed_under_a_former_key,
        }
    };
}
