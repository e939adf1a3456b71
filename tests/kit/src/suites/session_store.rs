//! Conformance suite for [`SessionStore`], one function per promise.
//!
//! To run it, write a function that opens a fresh store and pass a call of it to the macro in a test file.
//! Each promise becomes one test, such as `sessions::insert_of_existing_key_collides`.
//!
//! ```
//! use kunci_memory::MemorySessionStore;
//!
//! mod sessions {
//!     kunci_testkit::session_store_suite!(super::open());
//! }
//!
//! /// Returns a guard, such as a temporary folder that must outlive the store, and a fresh store.
//! fn open() -> ((), MemorySessionStore) {
//!     ((), MemorySessionStore::default())
//! }
//! ```

#![allow(clippy::expect_used, reason = "a promise that cannot be checked fails")]

pub mod deleting;
pub mod expiry;
pub mod inserting;
pub mod listing;
pub mod races;
pub mod rotating;
mod support;
pub mod touching;
pub mod two_handles;
pub mod updating;

use kunci_domain::ports::SessionStore;

/// A promise of a session store.
pub type Promise = fn(&dyn SessionStore);

/// A promise of two handles on the same data.
pub type SharedPromise = fn(&dyn SessionStore, &dyn SessionStore);

/// All promises of a session store, with their names.
pub const PROMISES: &[(&str, Promise)] = crate::for_each_session_promise!(promise_table);

/// All promises of two handles on the same sessions, with their names.
pub const SHARED_PROMISES: &[(&str, SharedPromise)] = crate::for_each_shared_session_promise!(promise_table);

/// Makes a test of each promise of a [`SessionStore`].
///
/// The expression opens a fresh store and returns `(guard, store)`.
#[macro_export]
macro_rules! session_store_suite {
    ($open:expr) => {
        $crate::for_each_session_promise!(promise_tests, (_guard, store), $open, (&store));
    };
}

/// Makes a test of each promise of two handles on the same sessions.
///
/// The expression opens both handles and returns `(guard, one, other)`.
#[macro_export]
macro_rules! shared_session_store_suite {
    ($open:expr) => {
        $crate::for_each_shared_session_promise!(promise_tests, (_guard, one, other), $open, (&one, &other));
    };
}

/// Lists the promises of a session store. Tables and tests are made from this list.
#[doc(hidden)]
#[macro_export]
macro_rules! for_each_session_promise {
    ($callback:ident $(, $pattern:tt, $open:expr, $arguments:tt)?) => {
        $crate::$callback! {
            $($pattern, $open, $arguments,)? session_store:
            inserting::all_session_fields_are_preserved,
            inserting::minimal_session_is_preserved,
            inserting::unknown_key_is_absent,
            inserting::keys_differing_in_one_bit_are_distinct,
            inserting::insert_of_existing_key_collides,
            inserting::insert_over_expired_session_collides,
            inserting::deleted_key_can_be_reused,
            inserting::all_json_types_are_preserved,
            inserting::floats_are_preserved_bit_for_bit,
            inserting::session_of_32_kib_is_preserved,
            inserting::extreme_times_and_durations_are_preserved,
            inserting::find_has_no_side_effects,
            updating::update_replaces_mutable_fields,
            updating::update_keeps_authentication_and_creation_time,
            updating::update_from_old_revision_is_stale,
            updating::update_from_future_revision_is_stale,
            updating::each_update_increments_the_revision,
            updating::update_of_unknown_session_is_gone,
            updating::update_after_delete_is_gone,
            updating::update_under_rotated_key_is_gone,
            updating::update_keeps_the_later_last_seen_time,
            updating::new_lifetime_moves_the_expiry,
            updating::update_to_maximum_lifetime_saturates,
            updating::update_can_shorten_a_session,
            updating::update_can_remove_all_values,
            updating::update_leaves_other_sessions_unchanged,
            touching::touch_changes_only_the_last_seen_time,
            touching::touch_is_visible_after_any_later_write,
            touching::touch_applies_before_a_later_update,
            touching::touched_session_survives_a_later_purge,
            touching::last_seen_time_never_moves_back,
            touching::consecutive_touches_all_apply,
            touching::touch_never_extends_past_absolute_lifetime,
            touching::touch_of_unknown_session_creates_nothing,
            touching::touch_after_delete_creates_nothing,
            touching::touch_does_not_make_an_update_stale,
            touching::touch_with_maximum_lifetime_saturates,
            rotating::rotation_keeps_data_and_removes_old_key,
            rotating::rotation_stores_the_new_session_as_given,
            rotating::rotation_can_remove_the_user,
            rotating::rotation_of_unknown_session_is_gone,
            rotating::rotation_after_delete_is_gone,
            rotating::rotation_of_changed_session_is_stale,
            rotating::rotation_to_existing_key_collides,
            rotating::rotation_to_own_key_collides,
            rotating::rotation_reports_gone_then_stale_then_collision,
            rotating::consecutive_rotations_leave_one_session,
            rotating::rotation_moves_the_expiry,
            deleting::delete_removes_only_that_session,
            deleting::delete_can_be_repeated,
            deleting::delete_finds_a_rotated_session,
            deleting::delete_finds_a_session_rotated_several_times,
            deleting::delete_finds_a_session_by_its_previous_key,
            deleting::delete_finds_a_rotated_and_updated_session,
            deleting::delete_removes_an_expired_session,
            deleting::delete_all_of_user_leaves_other_users,
            deleting::delete_all_of_user_can_be_repeated,
            deleting::delete_all_of_user_finds_changed_sessions,
            deleting::no_write_revives_a_session_after_delete_all,
            deleting::purge_removes_only_expired_sessions,
            deleting::purge_respects_its_limit,
            deleting::purge_below_its_limit_leaves_nothing_expired,
            deleting::purge_of_empty_store_removes_nothing,
            deleting::purged_session_is_gone_for_every_method,
            listing::sessions_are_listed_in_key_order,
            listing::empty_store_lists_nothing,
            listing::sessions_of_other_users_are_not_listed,
            listing::pages_cover_everything_exactly_once,
            listing::page_can_start_after_a_missing_key,
            listing::limit_of_zero_lists_nothing,
            listing::only_live_sessions_are_listed,
            listing::list_reflects_every_write,
            expiry::find_respects_expiry_to_the_millisecond,
            expiry::update_respects_expiry_to_the_millisecond,
            expiry::expired_session_is_gone_not_stale,
            expiry::touch_respects_expiry_to_the_millisecond,
            expiry::rotate_respects_expiry_to_the_millisecond,
            expiry::purge_respects_expiry_to_the_millisecond,
            expiry::delete_ignores_expiry,
            expiry::touched_session_expires_to_the_millisecond,
            expiry::session_with_zero_lifetime_is_expired,
            expiry::session_created_in_the_future_is_live,
            races::concurrent_increments_are_not_lost,
            races::concurrent_writes_of_different_values_survive,
            races::one_of_many_concurrent_updates_wins,
            races::one_of_many_concurrent_inserts_wins,
            races::one_of_many_concurrent_rotations_wins,
            races::rotation_is_atomic_for_readers,
            races::no_write_revives_a_session_during_delete,
            races::no_write_revives_a_session_during_delete_all,
            races::concurrent_touches_do_not_make_updates_stale,
            races::concurrent_purges_count_each_session_once,
        }
    };
}

/// Lists the promises of two handles on the same sessions.
#[doc(hidden)]
#[macro_export]
macro_rules! for_each_shared_session_promise {
    ($callback:ident $(, $pattern:tt, $open:expr, $arguments:tt)?) => {
        $crate::$callback! {
            $($pattern, $open, $arguments,)? session_store:
            two_handles::writes_are_visible_to_the_other_handle,
            two_handles::other_handle_cannot_revive_an_ended_session,
            two_handles::update_through_other_handle_makes_revision_stale,
            two_handles::key_inserted_through_other_handle_collides,
            two_handles::increments_through_two_handles_are_not_lost,
            two_handles::one_of_many_rotations_through_two_handles_wins,
            two_handles::logout_wins_over_updates_through_other_handle,
        }
    };
}
