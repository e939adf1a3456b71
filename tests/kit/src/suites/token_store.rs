//! Conformance suite for [`TokenStore`], one function per promise.
//!
//! To run it, write a function that opens a fresh store and pass a call of it to the macro in a test file.
//! Each promise becomes one test, such as `tokens::each_spend_takes_one_use`.
//!
//! ```
//! use kunci_memory::MemoryTokenStore;
//!
//! mod tokens {
//!     kunci_testkit::token_store_suite!(super::open());
//! }
//!
//! /// Returns a guard, such as a temporary folder that must outlive the store, and a fresh store.
//! fn open() -> ((), MemoryTokenStore) {
//!     ((), MemoryTokenStore::default())
//! }
//! ```

#![allow(clippy::expect_used, reason = "a promise that cannot be checked fails")]

pub mod expiry;
pub mod issuing;
pub mod listing;
pub mod races;
pub mod round_trip;
pub mod spending;
mod support;
pub mod voiding;

use kunci_domain::ports::TokenStore;

/// A promise of a token store.
pub type Promise = fn(&dyn TokenStore);

/// A promise of two handles on the same data.
pub type SharedPromise = fn(&dyn TokenStore, &dyn TokenStore);

/// All promises of a token store, with their names.
pub const PROMISES: &[(&str, Promise)] = crate::for_each_token_promise!(promise_table);

/// All promises of two handles on the same tokens, with their names.
pub const SHARED_PROMISES: &[(&str, SharedPromise)] = crate::for_each_shared_token_promise!(promise_table);

/// Makes a test of each promise of a [`TokenStore`].
///
/// The expression opens a fresh store and returns `(guard, store)`.
#[macro_export]
macro_rules! token_store_suite {
    ($open:expr) => {
        $crate::for_each_token_promise!(promise_tests, (_guard, store), $open, (&store));
    };
}

/// Makes a test of each promise of two handles on the same tokens.
///
/// The expression opens both handles and returns `(guard, one, other)`.
#[macro_export]
macro_rules! shared_token_store_suite {
    ($open:expr) => {
        $crate::for_each_shared_token_promise!(promise_tests, (_guard, one, other), $open, (&one, &other));
    };
}

/// Lists the promises of a token store. Tables and tests are made from this list.
#[doc(hidden)]
#[macro_export]
macro_rules! for_each_token_promise {
    ($callback:ident $(, $pattern:tt, $open:expr, $arguments:tt)?) => {
        $crate::$callback! {
            $($pattern, $open, $arguments,)? token_store:
            round_trip::all_token_fields_are_preserved,
            round_trip::token_without_account_or_address_is_preserved,
            round_trip::unknown_key_is_absent,
            round_trip::keys_differing_in_one_bit_are_distinct,
            round_trip::extreme_times_and_counts_are_preserved,
            round_trip::find_has_no_side_effects,
            issuing::issue_of_existing_key_collides,
            issuing::key_of_spent_or_expired_token_stays_taken,
            issuing::collision_voids_no_token,
            issuing::new_token_replaces_the_earlier_one,
            issuing::new_token_replaces_a_spent_or_expired_one,
            issuing::new_token_keeps_other_accounts_and_purposes,
            issuing::token_without_account_replaces_no_other,
            spending::spend_returns_the_token_and_uses_it_up,
            spending::each_spend_takes_one_use,
            spending::spend_for_another_purpose_changes_nothing,
            spending::spend_of_unknown_token_creates_nothing,
            spending::spend_leaves_other_tokens_unchanged,
            spending::returned_use_can_be_spent_again,
            spending::give_back_never_exceeds_the_issued_uses,
            spending::give_back_recreates_no_removed_token,
            voiding::void_removes_only_that_token,
            voiding::void_can_be_repeated,
            voiding::void_of_spent_or_expired_token_returns_false,
            voiding::void_all_of_user_leaves_other_tokens,
            voiding::void_all_of_user_can_be_repeated,
            voiding::void_all_of_user_removes_spent_tokens,
            voiding::purge_removes_only_expired_tokens,
            voiding::purge_respects_its_limit,
            voiding::purge_below_its_limit_leaves_nothing_expired,
            voiding::purge_of_empty_store_removes_nothing,
            voiding::purged_token_is_gone_for_every_method,
            expiry::find_respects_expiry_to_the_millisecond,
            expiry::spend_respects_expiry_to_the_millisecond,
            expiry::give_back_respects_expiry_to_the_millisecond,
            expiry::give_back_revives_no_expired_token,
            expiry::void_respects_expiry_to_the_millisecond,
            expiry::list_respects_expiry_to_the_millisecond,
            expiry::purge_respects_expiry_to_the_millisecond,
            expiry::token_without_lifetime_or_uses_is_never_live,
            listing::empty_store_lists_nothing,
            listing::tokens_of_a_purpose_are_listed_in_key_order,
            listing::pages_cover_everything_exactly_once,
            listing::page_can_start_after_a_missing_key,
            listing::limit_of_zero_lists_nothing,
            listing::spent_or_expired_tokens_do_not_shorten_a_page,
            listing::list_reflects_every_write,
            races::one_of_many_concurrent_spends_wins,
            races::concurrent_spends_succeed_once_per_use,
            races::concurrent_spends_and_give_backs_keep_the_count,
            races::one_of_many_concurrent_issues_of_a_key_wins,
            races::concurrent_issues_for_an_account_leave_one_token,
            races::last_use_is_either_spent_or_voided,
            races::token_being_replaced_is_spent_at_most_once,
            races::give_back_revives_no_token_being_voided,
            races::concurrent_purges_count_each_token_once,
        }
    };
}

/// Lists the promises of two handles on the same tokens.
#[doc(hidden)]
#[macro_export]
macro_rules! for_each_shared_token_promise {
    ($callback:ident $(, $pattern:tt, $open:expr, $arguments:tt)?) => {
        $crate::$callback! {
            $($pattern, $open, $arguments,)? token_store:
            races::writes_are_visible_to_the_other_handle,
            races::one_of_many_spends_through_two_handles_wins,
            races::issues_through_two_handles_leave_one_token,
        }
    };
}
