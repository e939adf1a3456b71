//! The promises of [`TokenStore`], one function each.
//!
//! A test file for a store says how to open a fresh one; the macros make a test of every promise:
//!
//! ```
//! use kunci_memory::MemoryTokenStore;
//!
//! mod tokens {
//!     kunci_testkit::token_store_suite!(super::open());
//! }
//!
//! /// Whatever must outlive the store, such as a temporary folder, and a fresh store.
//! fn open() -> ((), MemoryTokenStore) {
//!     ((), MemoryTokenStore::default())
//! }
//! ```
//!
//! Left out: what a store does when it fails, and what is left after a crash; both need its own means.

#![allow(
    clippy::expect_used,
    reason = "a promise that cannot be checked is a failed test"
)]

pub mod ending;
pub mod expiry;
pub mod issuing;
pub mod keeping;
pub mod listing;
pub mod races;
pub mod spending;
mod steps;

use kunci_domain::ports::TokenStore;

/// A promise about a token store.
pub type Promise = fn(&dyn TokenStore);

/// A promise about two handles on the same data.
pub type SharedPromise = fn(&dyn TokenStore, &dyn TokenStore);

/// Every promise of a token store, by name.
pub const PROMISES: &[(&str, Promise)] = crate::for_each_token_promise!(promise_table);

/// Every promise of two handles on the same tokens, by name.
pub const SHARED_PROMISES: &[(&str, SharedPromise)] = crate::for_each_shared_token_promise!(promise_table);

/// Makes a test of every promise of a [`TokenStore`]; the expression opens a fresh one and gives
/// `(guard, store)`.
#[macro_export]
macro_rules! token_store_suite {
    ($open:expr) => {
        $crate::for_each_token_promise!(promise_tests, (_guard, store), $open, (&store));
    };
}

/// Makes a test of every promise about two handles on the same data; the expression opens them and
/// gives `(guard, one, other)`.
#[macro_export]
macro_rules! shared_token_store_suite {
    ($open:expr) => {
        $crate::for_each_shared_token_promise!(promise_tests, (_guard, one, other), $open, (&one, &other));
    };
}

/// The one list of the promises of a token store.
#[doc(hidden)]
#[macro_export]
macro_rules! for_each_token_promise {
    ($then:ident $(, $with:tt, $open:expr, $given:tt)?) => {
        $crate::$then! {
            $($with, $open, $given,)? token_store:
            keeping::a_token_comes_back_as_it_went_in,
            keeping::a_bare_token_comes_back,
            keeping::an_unknown_key_finds_nothing,
            keeping::a_key_that_differs_in_one_bit_is_another_key,
            keeping::extreme_times_and_counts_come_back,
            keeping::finding_changes_nothing,
            issuing::a_second_token_under_one_key_collides_and_changes_nothing,
            issuing::a_dead_token_keeps_its_key,
            issuing::a_collision_voids_nothing,
            issuing::a_new_token_takes_the_place_of_the_earlier_one,
            issuing::a_new_token_takes_the_place_of_a_dead_one_too,
            issuing::a_new_token_leaves_other_accounts_and_purposes_alone,
            issuing::a_token_without_an_account_voids_no_other,
            spending::a_token_comes_as_it_was_and_is_gone_afterwards,
            spending::a_token_of_several_uses_is_spent_one_by_one,
            spending::spending_for_another_purpose_changes_nothing,
            spending::spending_an_unknown_token_creates_nothing,
            spending::spending_leaves_other_tokens_alone,
            spending::a_use_that_is_given_back_can_be_taken_again,
            spending::giving_back_makes_no_more_uses_than_there_were,
            spending::giving_back_makes_no_token_appear,
            ending::voiding_removes_the_token_and_no_other,
            ending::voiding_may_be_repeated,
            ending::voiding_a_dead_token_removes_it_and_says_that_it_was_none,
            ending::voiding_all_of_an_account_leaves_everybody_else,
            ending::voiding_all_of_an_account_may_be_repeated,
            ending::voiding_all_of_an_account_finds_spent_tokens,
            ending::a_purge_removes_only_the_expired,
            ending::a_purge_honours_its_limit,
            ending::a_purge_that_falls_short_has_removed_all,
            ending::a_purge_of_an_empty_store_removes_nothing,
            ending::a_purged_token_is_gone_for_every_method,
            expiry::find_sees_a_token_until_its_last_millisecond,
            expiry::spend_takes_a_use_until_the_last_millisecond,
            expiry::give_back_works_until_the_last_millisecond,
            expiry::give_back_revives_no_expired_token,
            expiry::void_tells_of_a_token_until_its_last_millisecond,
            expiry::list_shows_a_token_until_its_last_millisecond,
            expiry::purge_spares_a_token_until_its_last_millisecond,
            expiry::a_token_without_time_or_uses_is_dead_at_once,
            listing::an_empty_store_lists_nothing,
            listing::tokens_of_a_purpose_are_listed_in_the_order_of_their_keys,
            listing::pages_put_together_are_the_whole,
            listing::a_page_may_begin_after_a_key_that_is_gone,
            listing::a_limit_of_zero_lists_nothing,
            listing::dead_tokens_take_no_place_of_a_page,
            listing::the_list_follows_every_write,
            races::one_of_fifty_that_spend_the_last_use_gets_the_token,
            races::as_many_of_fifty_get_a_token_as_it_had_uses,
            races::uses_that_are_given_back_meanwhile_stay_as_many,
            races::one_of_several_issues_of_one_key_wins,
            races::one_of_several_tokens_of_an_account_and_purpose_is_left,
            races::a_last_use_is_either_taken_or_voided,
            races::a_token_that_is_replaced_is_spent_at_most_once,
            races::giving_back_revives_no_token_that_is_being_voided,
            races::several_purges_count_each_token_once,
        }
    };
}

/// The one list of the promises of two handles on the same tokens.
#[doc(hidden)]
#[macro_export]
macro_rules! for_each_shared_token_promise {
    ($then:ident $(, $with:tt, $open:expr, $given:tt)?) => {
        $crate::$then! {
            $($with, $open, $given,)? token_store:
            races::what_one_handle_writes_the_other_sees_at_once,
            races::one_of_fifty_through_two_handles_gets_the_token,
            races::one_of_several_tokens_issued_through_two_handles_is_left,
        }
    };
}
