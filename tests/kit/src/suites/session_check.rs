//! Conformance suite for [`SessionCheck`], one function per promise.
//!
//! To run it, write a function that opens fresh stores and pass a call of it to the macro in a test file.
//! Each promise becomes one test, such as `session_check::unknown_key_is_absent`.

#![allow(clippy::expect_used, reason = "a promise that cannot be checked fails")]

pub mod checking;

use kunci_domain::ports::{AccountStore, SessionCheck, SessionStore};

/// A promise of a session check and the stores that it reads.
pub type Promise = fn(&dyn SessionCheck, &dyn SessionStore, &dyn AccountStore);

/// All promises of a session check, with their names.
pub const PROMISES: &[(&str, Promise)] = crate::for_each_session_check_promise!(promise_table);

/// Makes a test of each promise of a [`SessionCheck`].
///
/// The expression opens fresh stores and returns `(guard, check, sessions, accounts)`.
#[macro_export]
macro_rules! session_check_suite {
    ($open:expr) => {
        $crate::for_each_session_check_promise!(
            promise_tests,
            (_guard, check, sessions, accounts),
            $open,
            (&check, &*sessions, &*accounts)
        );
    };
}

/// Lists the promises of a session check. Tables and tests are made from this list.
#[doc(hidden)]
#[macro_export]
macro_rules! for_each_session_check_promise {
    ($callback:ident $(, $pattern:tt, $open:expr, $arguments:tt)?) => {
        $crate::$callback! {
            $($pattern, $open, $arguments,)? session_check:
            checking::unknown_key_is_absent,
            checking::expired_session_is_absent,
            checking::visitor_has_no_user,
            checking::signed_in_session_has_its_user,
            checking::deleted_user_is_absent,
            checking::acknowledged_changes_are_seen,
        }
    };
}
