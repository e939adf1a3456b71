//! Conformance suite for [`UserStore`], one function per promise.
//!
//! To run it, write a function that opens a fresh store and pass a call of it to the macro in a test file.
//! Each promise becomes one test, such as `users::find_by_name_ignores_case`.
//!
//! ```
//! use kunci_memory::MemoryUserStore;
//!
//! mod users {
//!     kunci_testkit::user_store_suite!(super::open());
//! }
//!
//! /// Returns a guard, such as a temporary folder that must outlive the store, and a fresh store.
//! fn open() -> ((), MemoryUserStore) {
//!     ((), MemoryUserStore::default())
//! }
//! ```

#![allow(clippy::expect_used, reason = "a promise that cannot be checked fails")]

pub mod addresses;
pub mod inserting;
pub mod listing;
pub mod races;
mod support;
pub mod updating;

use kunci_domain::ports::UserStore;

/// A promise of a user store.
pub type Promise = fn(&dyn UserStore);

/// A promise of two handles on the same data.
pub type SharedPromise = fn(&dyn UserStore, &dyn UserStore);

/// All promises of a user store, with their names.
pub const PROMISES: &[(&str, Promise)] = crate::for_each_user_promise!(promise_table);

/// All promises of two handles on the same users, with their names.
pub const SHARED_PROMISES: &[(&str, SharedPromise)] = crate::for_each_shared_user_promise!(promise_table);

/// Makes a test of each promise of a [`UserStore`].
///
/// The expression opens a fresh store and returns `(guard, store)`.
#[macro_export]
macro_rules! user_store_suite {
    ($open:expr) => {
        $crate::for_each_user_promise!(promise_tests, (_guard, store), $open, (&store));
    };
}

/// Makes a test of each promise of two handles on the same users.
///
/// The expression opens both handles and returns `(guard, one, other)`.
#[macro_export]
macro_rules! shared_user_store_suite {
    ($open:expr) => {
        $crate::for_each_shared_user_promise!(promise_tests, (_guard, one, other), $open, (&one, &other));
    };
}

/// Lists the promises of a user store. Tables and tests are made from this list.
#[doc(hidden)]
#[macro_export]
macro_rules! for_each_user_promise {
    ($callback:ident $(, $pattern:tt, $open:expr, $arguments:tt)?) => {
        $crate::$callback! {
            $($pattern, $open, $arguments,)? user_store:
            inserting::all_user_fields_are_preserved,
            inserting::minimal_user_is_preserved,
            inserting::unknown_user_is_absent,
            inserting::find_by_name_ignores_case,
            inserting::name_is_unique_regardless_of_case,
            inserting::similar_looking_names_are_distinct,
            inserting::insert_of_existing_id_collides,
            inserting::second_insert_of_same_user_is_refused,
            inserting::several_users_can_share_an_address,
            inserting::second_factors_are_preserved,
            inserting::extreme_times_and_counts_are_preserved,
            updating::update_replaces_all_but_id_name_and_creation_time,
            updating::update_from_old_revision_is_stale,
            updating::update_from_future_revision_is_stale,
            updating::each_update_increments_the_revision,
            updating::update_of_unknown_user_is_gone,
            updating::update_after_delete_is_gone,
            updating::update_leaves_other_users_unchanged,
            updating::delete_removes_only_that_user,
            updating::delete_can_be_repeated,
            updating::delete_frees_the_name_and_the_id,
            addresses::user_is_found_by_confirmed_address,
            addresses::unconfirmed_address_finds_no_user,
            addresses::addresses_ignore_only_ascii_case,
            addresses::users_sharing_an_address_are_in_name_order,
            addresses::address_search_reflects_every_write,
            listing::empty_store_lists_nothing,
            listing::users_are_listed_in_folded_name_order,
            listing::pages_cover_everything_exactly_once,
            listing::page_can_start_after_a_missing_name,
            listing::limit_of_zero_lists_nothing,
            listing::list_reflects_every_write,
            races::one_of_many_concurrent_inserts_of_a_name_wins,
            races::one_of_many_concurrent_updates_wins,
            races::concurrent_epoch_changes_are_not_lost,
            races::no_update_revives_a_user_during_delete,
        }
    };
}

/// Lists the promises of two handles on the same users.
#[doc(hidden)]
#[macro_export]
macro_rules! for_each_shared_user_promise {
    ($callback:ident $(, $pattern:tt, $open:expr, $arguments:tt)?) => {
        $crate::$callback! {
            $($pattern, $open, $arguments,)? user_store:
            races::writes_are_visible_to_the_other_handle,
            races::one_of_many_inserts_through_two_handles_wins,
        }
    };
}
