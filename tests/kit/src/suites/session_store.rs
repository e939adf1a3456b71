//! The promises of [`SessionStore`] and [`SessionDirectory`], one function each.
//!
//! A test file for a store says how to open a fresh one; the macros make a test of every promise:
//!
//! ```
//! use kunci_memory::MemorySessionStore;
//!
//! mod sessions {
//!     kunci_testkit::session_store_suite!(super::open());
//! }
//! mod directory {
//!     kunci_testkit::session_directory_suite!(super::open());
//! }
//!
//! /// Whatever must outlive the store, such as a temporary folder, and a fresh store.
//! fn open() -> ((), MemorySessionStore) {
//!     ((), MemorySessionStore::default())
//! }
//! ```
//!
//! Left out: what a store does when it fails, and what is left after a crash; both need its own means.
//!
//! [`SessionStore`]: kunci_domain::ports::SessionStore
//! [`SessionDirectory`]: kunci_domain::ports::SessionDirectory

#![allow(
    clippy::expect_used,
    reason = "a promise that cannot be checked is a failed test"
)]

pub mod directory;
pub mod ending;
pub mod expiry;
pub mod keeping;
pub mod races;
pub mod rotating;
pub mod shared;
mod steps;
pub mod touching;
pub mod updating;

use kunci_domain::ports::{SessionDirectory, SessionStore};

/// A promise about a session store.
pub type Promise = fn(&dyn SessionStore);

/// A promise about a directory, which the sessions get into through the store.
pub type DirectoryPromise = fn(&dyn SessionStore, &dyn SessionDirectory);

/// A promise about two handles on the same data.
pub type SharedPromise = fn(&dyn SessionStore, &dyn SessionStore);

/// Every promise of a session store, by name.
pub const PROMISES: &[(&str, Promise)] = crate::for_each_session_promise!(promise_table);

/// Every promise of a session directory, by name.
pub const DIRECTORY_PROMISES: &[(&str, DirectoryPromise)] =
    crate::for_each_session_directory_promise!(promise_table);

/// Every promise of two handles on the same data, by name.
pub const SHARED_PROMISES: &[(&str, SharedPromise)] = crate::for_each_shared_session_promise!(promise_table);

/// Makes a test of every promise of a [`SessionStore`]; the expression opens a fresh one and gives
/// `(guard, store)`.
#[macro_export]
macro_rules! session_store_suite {
    ($open:expr) => {
        $crate::for_each_session_promise!(promise_tests, (_guard, store), $open, (&store));
    };
}

/// Makes a test of every promise of a [`SessionDirectory`]; the expression opens a fresh store that is
/// one and gives `(guard, store)`.
#[macro_export]
macro_rules! session_directory_suite {
    ($open:expr) => {
        $crate::for_each_session_directory_promise!(promise_tests, (_guard, store), $open, (&store, &store));
    };
}

/// Makes a test of every promise about two handles on the same data; the expression opens them and
/// gives `(guard, one, other)`.
#[macro_export]
macro_rules! shared_session_store_suite {
    ($open:expr) => {
        $crate::for_each_shared_session_promise!(promise_tests, (_guard, one, other), $open, (&one, &other));
    };
}

/// The one list of the promises of a session store.
#[doc(hidden)]
#[macro_export]
macro_rules! for_each_session_promise {
    ($then:ident $(, $with:tt, $open:expr, $given:tt)?) => {
        $crate::$then! {
            $($with, $open, $given,)? session_store:
            keeping::a_session_comes_back_as_it_went_in,
            keeping::a_bare_session_comes_back,
            keeping::an_unknown_key_finds_nothing,
            keeping::a_key_that_differs_in_one_bit_is_another_key,
            keeping::a_second_insert_of_one_key_collides_and_changes_nothing,
            keeping::an_insert_over_an_expired_session_collides,
            keeping::a_key_may_be_used_again_after_delete,
            keeping::values_of_every_kind_come_back,
            keeping::numbers_keep_every_bit,
            keeping::a_session_of_32_kib_comes_back,
            keeping::extreme_times_and_durations_come_back,
            keeping::finding_changes_nothing,
            updating::an_update_replaces_what_may_change,
            updating::an_update_keeps_who_signed_in_and_when_it_began,
            updating::an_update_from_an_old_revision_is_stale_and_changes_nothing,
            updating::an_update_from_a_revision_to_come_is_stale,
            updating::updates_in_a_row_count_revisions,
            updating::an_update_of_an_unknown_session_is_gone_and_creates_nothing,
            updating::an_update_after_delete_is_gone_and_creates_nothing,
            updating::an_update_after_rotation_is_gone_and_creates_nothing,
            updating::the_time_last_seen_becomes_the_later_one,
            updating::an_update_moves_the_end_with_the_lifetime,
            updating::an_update_with_an_endless_lifetime_saturates,
            updating::an_update_may_leave_a_session_dead,
            updating::an_update_may_empty_the_values,
            updating::an_update_leaves_other_sessions_alone,
            touching::a_touch_moves_the_time_last_seen_and_nothing_else,
            touching::a_touch_is_visible_no_later_than_any_write_after_it,
            touching::a_touch_comes_before_a_later_update_of_the_same_session,
            touching::a_touch_saves_a_session_from_a_later_purge,
            touching::the_time_last_seen_never_goes_back,
            touching::touches_in_a_row_all_count,
            touching::a_touch_never_extends_past_the_absolute_limit,
            touching::a_touch_of_an_unknown_session_creates_nothing,
            touching::a_touch_after_delete_creates_nothing,
            touching::a_touch_disturbs_no_update,
            touching::a_touch_with_an_endless_lifetime_saturates,
            rotating::a_rotation_keeps_the_data_and_kills_the_old_key,
            rotating::a_rotation_writes_the_new_session_as_given,
            rotating::a_rotation_may_take_the_user_out,
            rotating::a_rotation_of_an_unknown_session_is_gone_and_creates_nothing,
            rotating::a_rotation_after_delete_is_gone_and_creates_nothing,
            rotating::a_rotation_of_a_changed_session_is_stale_and_changes_nothing,
            rotating::a_rotation_onto_a_taken_key_collides_and_changes_nothing,
            rotating::a_rotation_onto_its_own_key_collides,
            rotating::a_rotation_tells_the_end_before_a_change_before_a_collision,
            rotating::rotations_in_a_row_leave_one_session,
            rotating::a_rotation_moves_the_end,
            ending::a_delete_removes_the_session_and_no_other,
            ending::a_delete_may_be_repeated,
            ending::a_delete_finds_a_session_that_was_rotated_since,
            ending::a_delete_finds_a_session_that_was_rotated_several_times,
            ending::a_delete_finds_a_rotated_session_after_an_update,
            ending::a_delete_removes_an_expired_session_too,
            ending::deleting_all_of_a_user_leaves_everybody_else,
            ending::deleting_all_of_a_user_may_be_repeated,
            ending::deleting_all_of_a_user_finds_changed_sessions,
            ending::nothing_revives_a_session_after_delete_all,
            ending::a_purge_removes_only_the_dead,
            ending::a_purge_honours_its_limit,
            ending::a_purge_that_falls_short_has_removed_all,
            ending::a_purge_of_an_empty_store_removes_nothing,
            ending::a_purged_session_is_gone_for_every_method,
            expiry::find_sees_a_session_until_its_last_millisecond,
            expiry::update_writes_to_a_session_until_its_last_millisecond,
            expiry::an_expired_session_is_gone_rather_than_stale,
            expiry::touch_extends_a_session_until_its_last_millisecond,
            expiry::rotate_moves_a_session_until_its_last_millisecond,
            expiry::purge_spares_a_session_until_its_last_millisecond,
            expiry::delete_ignores_expiry,
            expiry::an_extended_session_ends_to_the_millisecond,
            expiry::a_session_without_time_is_dead_at_once,
            expiry::a_session_from_the_future_lives,
            races::no_increment_is_lost,
            races::writers_of_different_values_all_survive,
            races::one_of_several_updates_from_one_revision_wins,
            races::one_of_several_inserts_of_one_key_wins,
            races::one_of_several_rotations_of_one_key_wins,
            races::a_rotation_is_seen_as_one_step,
            races::nothing_revives_a_session_that_is_being_deleted,
            races::nothing_revives_the_sessions_of_a_user_that_are_being_deleted,
            races::touches_disturb_no_update,
            races::several_purges_count_each_session_once,
        }
    };
}

/// The one list of the promises of a session directory.
#[doc(hidden)]
#[macro_export]
macro_rules! for_each_session_directory_promise {
    ($then:ident $(, $with:tt, $open:expr, $given:tt)?) => {
        $crate::$then! {
            $($with, $open, $given,)? session_store:
            directory::everything_is_listed_in_the_order_of_the_keys,
            directory::an_empty_store_lists_nothing,
            directory::a_user_s_sessions_are_listed_alone,
            directory::pages_put_together_are_the_whole,
            directory::a_page_may_begin_after_a_key_that_is_gone,
            directory::a_limit_of_zero_lists_nothing,
            directory::only_live_sessions_are_listed,
            directory::the_list_follows_every_write,
        }
    };
}

/// The one list of the promises of two handles on the same sessions.
#[doc(hidden)]
#[macro_export]
macro_rules! for_each_shared_session_promise {
    ($then:ident $(, $with:tt, $open:expr, $given:tt)?) => {
        $crate::$then! {
            $($with, $open, $given,)? session_store:
            shared::what_one_handle_writes_the_other_sees_at_once,
            shared::what_one_handle_ends_the_other_cannot_revive,
            shared::an_update_through_the_other_handle_makes_stale,
            shared::a_key_that_one_handle_took_collides_for_the_other,
            shared::no_increment_is_lost_between_two_handles,
            shared::one_of_several_rotations_through_two_handles_wins,
            shared::logout_through_one_handle_wins_over_the_other,
        }
    };
}
