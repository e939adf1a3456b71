//! Conformance suite for [`AccountStore`], one function per promise.
//!
//! To run it, write a function that opens a fresh store and pass a call of it to the macro in a test file.
//! Each promise becomes one test, such as `accounts::second_use_of_a_link_fails`.
//!
//! ```
//! use kunci_memory::MemoryAccountStore;
//!
//! mod accounts {
//!     kunci_testkit::account_store_suite!(super::open());
//! }
//!
//! /// Returns a guard, such as a temporary folder that must outlive the store, and a fresh store.
//! fn open() -> ((), MemoryAccountStore) {
//!     ((), MemoryAccountStore::default())
//! }
//! ```

#![allow(clippy::expect_used, reason = "a promise that cannot be checked fails")]

pub mod addresses;
pub mod appending;
pub mod atomicity;
pub mod budgets;
pub mod deleting;
pub mod event_races;
pub mod expiry;
pub mod inserting;
pub mod issuing;
pub mod link_fields;
pub mod link_listing;
pub mod link_races;
pub mod listing;
pub mod purging;
pub mod replacing;
pub mod revoking;
pub mod sampling;
pub mod spending;
pub mod steps;
mod support;
pub mod user_races;
pub mod visibility;

use kunci_domain::ports::AccountStore;

/// A promise of an account store.
pub type Promise = fn(&dyn AccountStore);

/// A promise of two handles on the same data.
pub type SharedPromise = fn(&dyn AccountStore, &dyn AccountStore);

/// All promises of an account store, with their names.
pub const PROMISES: &[(&str, Promise)] = crate::for_each_account_promise!(promise_table);

/// All promises of two handles on the same accounts, with their names.
pub const SHARED_PROMISES: &[(&str, SharedPromise)] = crate::for_each_shared_account_promise!(promise_table);

/// Makes a test of each promise of an [`AccountStore`].
///
/// The expression opens a fresh store and returns `(guard, store)`.
#[macro_export]
macro_rules! account_store_suite {
    ($open:expr) => {
        $crate::for_each_account_promise!(promise_tests, (_guard, store), $open, (&store));
    };
}

/// Makes a test of each promise of two handles on the same accounts.
///
/// The expression opens both handles and returns `(guard, one, other)`.
#[macro_export]
macro_rules! shared_account_store_suite {
    ($open:expr) => {
        $crate::for_each_shared_account_promise!(promise_tests, (_guard, one, other), $open, (&one, &other));
    };
}

/// Lists the promises of an account store. Tables and tests are made from this list.
#[doc(hidden)]
#[macro_export]
macro_rules! for_each_account_promise {
    ($callback:ident $(, $pattern:tt, $open:expr, $arguments:tt)?) => {
        $crate::$callback! {
            $($pattern, $open, $arguments,)? account_store:
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
            inserting::extreme_user_fields_are_preserved,
            replacing::replace_changes_all_but_id_name_and_creation_time,
            replacing::replace_from_old_revision_is_stale,
            replacing::replace_from_future_revision_is_stale,
            replacing::each_replace_increments_the_revision,
            replacing::replace_of_unknown_user_is_gone,
            replacing::replace_after_delete_is_gone,
            replacing::replace_leaves_other_users_unchanged,
            deleting::delete_removes_only_that_user,
            deleting::delete_of_unknown_user_is_gone,
            deleting::delete_frees_the_name_and_the_id,
            deleting::delete_removes_the_links_of_the_user,
            deleting::delete_removes_dead_links,
            deleting::delete_removes_the_events_of_the_user,
            deleting::event_of_a_deletion_outlives_the_user,
            deleting::successor_of_a_deleted_user_starts_empty,
            deleting::events_after_a_delete_are_kept,
            addresses::user_is_found_by_confirmed_address,
            addresses::unconfirmed_address_finds_no_user,
            addresses::addresses_ignore_only_ascii_case,
            addresses::users_sharing_an_address_are_in_name_order,
            addresses::address_search_reflects_every_write,
            listing::empty_store_lists_no_users,
            listing::users_are_listed_in_folded_name_order,
            listing::pages_contain_each_user_once,
            listing::page_can_start_after_a_missing_name,
            listing::limit_of_zero_lists_no_users,
            listing::user_list_reflects_every_write,
            sampling::sample_starts_at_an_id_and_wraps_around,
            sampling::sample_respects_its_limit,
            sampling::sample_reflects_every_write,
            link_fields::all_link_fields_are_preserved,
            link_fields::link_without_account_or_address_is_preserved,
            link_fields::unknown_key_is_absent,
            link_fields::keys_differing_in_one_bit_are_distinct,
            link_fields::extreme_link_fields_are_preserved,
            link_fields::find_takes_no_use,
            issuing::issue_of_existing_key_collides,
            issuing::issue_over_a_dead_link_is_stored_or_collides,
            issuing::collision_revokes_no_link,
            issuing::new_link_replaces_the_earlier_one,
            issuing::new_link_to_reset_keeps_the_earlier_ones,
            issuing::new_link_replaces_a_spent_or_expired_one,
            issuing::new_link_keeps_other_accounts_and_purposes,
            issuing::link_without_account_replaces_no_other,
            spending::second_use_of_a_link_fails,
            spending::each_spend_takes_one_use,
            spending::spend_for_another_purpose_is_refused,
            spending::spend_of_unknown_link_creates_nothing,
            spending::spend_leaves_other_links_unchanged,
            spending::purge_ignores_spent_links_until_they_expire,
            budgets::budgets_are_preserved,
            budgets::write_of_a_changed_budget_is_stale,
            budgets::budget_of_a_missing_account_is_gone,
            budgets::delete_removes_the_budgets_of_the_user,
            budgets::few_unknown_names_share_a_budget,
            budgets::one_of_many_concurrent_budget_writes_wins,
            revoking::revoke_removes_only_that_link,
            revoking::revoke_of_unknown_link_is_refused,
            revoking::revoke_of_dead_link_is_refused,
            revoking::revoke_for_a_purpose_keeps_other_purposes,
            revoking::revoke_for_a_purpose_removes_dead_links,
            revoking::revoke_for_a_purpose_can_be_repeated,
            expiry::find_link_respects_expiry_to_the_millisecond,
            expiry::spend_respects_expiry_to_the_millisecond,
            expiry::revoke_respects_expiry_to_the_millisecond,
            expiry::list_links_respects_expiry_to_the_millisecond,
            expiry::purge_respects_expiry_to_the_millisecond,
            expiry::link_without_lifetime_or_uses_is_never_live,
            link_listing::empty_store_lists_no_links,
            link_listing::links_of_a_purpose_are_listed_in_key_order,
            link_listing::pages_contain_each_link_once,
            link_listing::page_can_start_after_a_missing_key,
            link_listing::limit_of_zero_lists_no_links,
            link_listing::spent_or_expired_links_do_not_shorten_a_page,
            link_listing::link_list_reflects_every_write,
            appending::every_event_kind_is_preserved,
            appending::every_device_is_preserved,
            appending::every_actor_is_preserved,
            appending::event_without_target_is_kept_apart,
            appending::extreme_event_times_are_preserved,
            appending::identical_events_are_both_kept,
            appending::latest_events_are_listed_first,
            appending::events_are_ordered_by_commit_not_by_time,
            appending::events_of_other_users_are_not_listed,
            appending::pages_contain_each_event_once,
            appending::page_past_the_last_event_is_empty,
            appending::limit_of_zero_lists_no_events,
            purging::purge_removes_only_expired_links,
            purging::purge_of_links_respects_its_limit,
            purging::purge_below_its_limit_leaves_no_expired_link,
            purging::purged_link_is_gone_for_every_method,
            purging::purge_of_empty_store_removes_nothing,
            purging::purge_removes_only_earlier_events,
            purging::purge_selects_by_time_and_keeps_the_order,
            purging::purge_of_events_respects_its_limit,
            purging::purge_limits_links_and_events_separately,
            steps::change_without_steps_is_done,
            steps::one_commit_creates_user_link_and_event,
            steps::one_commit_spends_replaces_and_appends,
            steps::user_steps_see_earlier_steps,
            steps::link_steps_see_earlier_steps,
            steps::deletion_applies_at_its_place,
            steps::events_of_one_commit_keep_their_order,
            atomicity::refused_step_undoes_the_one_before,
            atomicity::refused_last_step_undoes_all_others,
            atomicity::refused_first_step_stops_all_others,
            atomicity::first_refused_step_decides_the_outcome,
            atomicity::refused_change_succeeds_after_a_new_read,
            visibility::readers_see_all_of_a_change_or_nothing,
            visibility::readers_see_nothing_of_a_refused_change,
            user_races::one_of_many_concurrent_inserts_of_a_name_wins,
            user_races::first_user_is_created_once,
            user_races::one_of_many_concurrent_replacements_wins,
            user_races::concurrent_epoch_changes_are_not_lost,
            user_races::no_replacement_revives_a_user_during_delete,
            user_races::one_of_many_concurrent_resets_wins,
            user_races::changes_in_opposite_order_do_not_block_each_other,
            link_races::one_of_many_concurrent_spends_wins,
            link_races::concurrent_spends_succeed_once_per_use,
            link_races::one_of_many_concurrent_issues_of_a_key_wins,
            link_races::concurrent_issues_for_an_account_leave_one_link,
            link_races::last_use_is_either_spent_or_revoked,
            link_races::link_being_replaced_is_spent_at_most_once,
            event_races::concurrent_appends_are_not_lost,
            event_races::events_of_one_thread_stay_in_order,
            event_races::concurrent_purges_count_each_record_once,
        }
    };
}

/// Lists the promises of two handles on the same accounts.
#[doc(hidden)]
#[macro_export]
macro_rules! for_each_shared_account_promise {
    ($callback:ident $(, $pattern:tt, $open:expr, $arguments:tt)?) => {
        $crate::$callback! {
            $($pattern, $open, $arguments,)? account_store:
            visibility::other_handle_sees_all_of_a_change_or_nothing,
            user_races::one_of_many_inserts_through_two_handles_wins,
            user_races::first_user_is_created_once_through_two_handles,
            user_races::one_of_many_replacements_through_two_handles_wins,
            user_races::user_writes_are_visible_to_the_other_handle,
            link_races::one_of_many_spends_through_two_handles_wins,
            link_races::issues_through_two_handles_leave_one_link,
            link_races::link_writes_are_visible_to_the_other_handle,
            event_races::event_writes_are_visible_to_the_other_handle,
            event_races::events_of_two_handles_share_one_order,
        }
    };
}
