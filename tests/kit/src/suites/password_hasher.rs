//! Conformance suite for [`PasswordHasher`], one function per promise.
//!
//! To run it, pass an expression that makes a hasher to the macro in a test file. Each promise becomes one
//! test, such as `fast_hasher::case_is_significant`.
//!
//! ```
//! mod fast_hasher {
//!     use kunci_testkit::fakes::FastHasher;
//!
//!     kunci_testkit::password_hasher_suite!(FastHasher::new());
//! }
//! ```
//!
//! The suite does not cover what the port does not show: the time and memory that a hash needs, whether the
//! comparison takes constant time, and when a hasher is busy. Test these in the hasher's own crate.
//!
//! [`PasswordHasher`]: kunci_domain::ports::PasswordHasher

pub mod concurrency;
pub mod hashes;
pub mod matching;
mod support;

use kunci_domain::ports::PasswordHasher;

/// A promise of a password hasher.
pub type Promise = fn(&dyn PasswordHasher);

/// All promises of a password hasher, with their names.
pub const PROMISES: &[(&str, Promise)] = crate::for_each_password_hasher_promise!(promise_table);

/// Makes a test of each promise of a [`PasswordHasher`].
///
/// The expression makes a new hasher.
#[macro_export]
macro_rules! password_hasher_suite {
    ($new:expr) => {
        $crate::for_each_password_hasher_promise!(promise_tests, hasher, $new, (&hasher));
    };
}

/// Lists the promises of a password hasher. Tables and tests are made from this list.
#[doc(hidden)]
#[macro_export]
macro_rules! for_each_password_hasher_promise {
    ($callback:ident $(, $pattern:tt, $new:expr, $arguments:tt)?) => {
        $crate::$callback! {
            $($pattern, $new, $arguments,)? password_hasher:
            matching::correct_password_matches,
            matching::different_password_does_not_match,
            matching::part_of_the_password_does_not_match,
            matching::case_is_significant,
            matching::whitespace_is_significant,
            matching::unicode_is_not_normalised,
            matching::long_passwords_are_not_truncated,
            matching::nul_does_not_end_a_password,
            matching::empty_password_has_its_own_hash,
            matching::four_byte_characters_are_significant,
            matching::text_of_64_kib_is_significant_to_its_end,
            hashes::hashes_of_one_password_differ,
            hashes::hash_is_one_line_of_ascii,
            hashes::hash_does_not_contain_the_password,
            hashes::decoy_matches_no_password,
            hashes::decoy_has_the_current_parameters,
            hashes::decoy_like_a_hash_has_its_parameters,
            hashes::decoy_like_a_hash_matches_no_password,
            hashes::decoy_like_an_unreadable_hash_is_the_decoy,
            hashes::malformed_hash_is_unreadable,
            hashes::damaged_hash_never_matches,
            concurrency::concurrent_answers_are_correct_or_busy,
        }
    };
}
