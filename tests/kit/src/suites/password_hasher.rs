//! The promises of [`PasswordHasher`], one function each.
//!
//! A test file for a hasher says how to make one; the macro makes a test of every promise:
//!
//! ```
//! mod fast_hasher {
//!     use kunci_testkit::fakes::FastHasher;
//!
//!     kunci_testkit::password_hasher_suite!(FastHasher::new());
//! }
//! ```
//!
//! Left out, because the port does not show it: how slow a hash is, in how much memory, and that
//! comparison takes constant time. When exactly a hasher is busy belongs to the tests of the hasher.
//!
//! [`PasswordHasher`]: kunci_domain::ports::PasswordHasher

pub mod hashes;
pub mod load;
pub mod matching;
mod steps;

use kunci_domain::ports::PasswordHasher;

/// A promise about a hasher.
pub type Promise = fn(&dyn PasswordHasher);

/// Every promise of a password hasher, by name.
pub const PROMISES: &[(&str, Promise)] = crate::for_each_password_hasher_promise!(promise_table);

/// Makes a test of every promise of a [`PasswordHasher`]; the expression makes a new hasher.
#[macro_export]
macro_rules! password_hasher_suite {
    ($new:expr) => {
        $crate::for_each_password_hasher_promise!(promise_tests, hasher, $new, (&hasher));
    };
}

/// The one list of the promises of a password hasher.
#[doc(hidden)]
#[macro_export]
macro_rules! for_each_password_hasher_promise {
    ($then:ident $(, $with:tt, $new:expr, $given:tt)?) => {
        $crate::$then! {
            $($with, $new, $given,)? password_hasher:
            matching::the_right_password_matches,
            matching::another_password_does_not_match,
            matching::a_part_of_the_password_does_not_match,
            matching::case_counts,
            matching::spaces_count,
            matching::unicode_forms_are_different_passwords,
            matching::nothing_is_cut_off,
            matching::nothing_ends_at_a_nul,
            matching::the_empty_password_is_a_password,
            matching::characters_of_four_bytes_count,
            matching::a_long_text_counts_to_its_end,
            hashes::the_same_password_hashes_differently_each_time,
            hashes::a_hash_is_one_line_of_ascii,
            hashes::a_hash_does_not_contain_the_password,
            hashes::the_decoy_matches_nothing,
            hashes::the_decoy_has_the_parameters_of_today,
            hashes::garbage_is_unreadable,
            hashes::a_damaged_hash_never_matches,
            load::threads_get_right_answers_or_busy,
        }
    };
}
