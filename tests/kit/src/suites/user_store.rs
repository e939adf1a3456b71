//! The promises of [`UserStore`], one function each.
//!
//! A test file for a store says how to open a fresh one; the macros make a test of every promise:
//!
//! ```
//! use kunci_memory::MemoryUserStore;
//!
//! mod users {
//!     kunci_testkit::user_store_suite!(super::open());
//! }
//!
//! /// Whatever must outlive the store, such as a temporary folder, and a fresh store.
//! fn open() -> ((), MemoryUserStore) {
//!     ((), MemoryUserStore::default())
//! }
//! ```
//!
//! Left out: what a store does when it fails, and what is left after a crash; both need its own means.

#![allow(
    clippy::expect_used,
    reason = "a promise that cannot be checked is a failed test"
)]

pub mod addresses;
pub mod keeping;
pub mod listing;
pub mod races;
mod steps;
pub mod writing;

use kunci_domain::ports::UserStore;

/// A promise about a user store.
pub type Promise = fn(&dyn UserStore);

/// A promise about two handles on the same data.
pub type SharedPromise = fn(&dyn UserStore, &dyn UserStore);

/// Every promise of a user store, by name.
pub const PROMISES: &[(&str, Promise)] = crate::for_each_user_promise!(promise_table);

/// Every promise of two handles on the same users, by name.
pub const SHARED_PROMISES: &[(&str, SharedPromise)] = crate::for_each_shared_user_promise!(promise_table);

/// Makes a test of every promise of a [`UserStore`]; the expression opens a fresh one and gives
/// `(guard, store)`.
#[macro_export]
macro_rules! user_store_suite {
    ($open:expr) => {
        $crate::for_each_user_promise!(promise_tests, (_guard, store), $open, (&store));
    };
}

/// Makes a test of every promise about two handles on the same data; the expression opens them and
/// gives `(guard, one, other)`.
#[macro_export]
macro_rules! shared_user_store_suite {
    ($open:expr) => {
        $crate::for_each_shared_user_promise!(promise_tests, (_guard, one, other), $open, (&one, &other));
    };
}

/// The one list of the promises of a user store.
#[doc(hidden)]
#[macro_export]
macro_rules! for_each_user_promise {
    ($then:ident $(, $with:tt, $open:expr, $given:tt)?) => {
        $crate::$then! {
            $($with, $open, $given,)? user_store:
            keeping::a_user_comes_back_as_it_went_in,
            keeping::a_bare_user_comes_back,
            keeping::an_unknown_user_is_not_found,
            keeping::a_user_is_found_by_name_whatever_its_case,
            keeping::a_name_is_taken_whatever_its_case,
            keeping::names_that_only_look_alike_are_different,
            keeping::an_id_is_taken_once,
            keeping::the_same_user_is_not_added_twice,
            keeping::an_address_may_belong_to_several_users,
            keeping::any_second_factor_comes_back,
            keeping::extreme_times_and_counts_come_back,
            writing::an_update_replaces_all_but_id_name_and_creation,
            writing::an_update_from_an_old_revision_is_stale_and_changes_nothing,
            writing::an_update_from_a_revision_to_come_is_stale,
            writing::updates_in_a_row_count_revisions,
            writing::an_update_of_an_unknown_user_is_gone_and_creates_nothing,
            writing::an_update_after_delete_is_gone_and_creates_nothing,
            writing::an_update_leaves_other_users_alone,
            writing::a_delete_removes_the_user_and_no_other,
            writing::a_delete_may_be_repeated,
            writing::a_delete_frees_the_name_and_the_id,
            addresses::a_user_is_found_by_an_address_that_was_confirmed,
            addresses::an_address_that_was_not_confirmed_finds_nobody,
            addresses::addresses_are_compared_as_they_are_but_for_the_case_of_ascii_letters,
            addresses::users_of_one_address_are_found_in_the_order_of_their_names,
            addresses::the_search_follows_every_write,
            listing::an_empty_store_lists_nothing,
            listing::users_are_listed_in_the_order_of_their_folded_names,
            listing::pages_put_together_are_the_whole,
            listing::a_page_may_begin_after_a_name_that_nobody_has,
            listing::a_limit_of_zero_lists_nothing,
            listing::the_list_follows_every_write,
            races::one_of_several_inserts_of_one_name_wins,
            races::one_of_several_updates_from_one_revision_wins,
            races::no_change_of_epoch_is_lost,
            races::nothing_revives_a_user_that_is_being_deleted,
        }
    };
}

/// The one list of the promises of two handles on the same users.
#[doc(hidden)]
#[macro_export]
macro_rules! for_each_shared_user_promise {
    ($then:ident $(, $with:tt, $open:expr, $given:tt)?) => {
        $crate::$then! {
            $($with, $open, $given,)? user_store:
            races::what_one_handle_writes_the_other_sees_at_once,
            races::one_of_several_inserts_through_two_handles_wins,
        }
    };
}
