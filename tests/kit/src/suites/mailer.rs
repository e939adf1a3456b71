//! The promises of [`Mailer`], one function each.
//!
//! A test file for a mailer says how to make one with room for [`ROOM`] mails, of which none leaves while
//! the test runs, and how many wait in it; the macro makes a test of every promise:
//!
//! ```
//! mod postbox {
//!     use kunci_testkit::fakes::Postbox;
//!     use kunci_testkit::suites::mailer::ROOM;
//!
//!     kunci_testkit::mailer_suite!(Postbox::with_limit(ROOM), |postbox| postbox.len());
//! }
//! ```
//!
//! Left out, because the port does not show it: that a mail survives the end of the process, and that it
//! is delivered. That it waits for no server belongs to the tests of the mailer, too.
//!
//! [`Mailer`]: kunci_domain::ports::Mailer

pub mod sending;

use kunci_domain::ports::Mailer;

/// How many mails there is room for.
pub const ROOM: usize = 12;

/// Tells how many mails wait.
pub type Waiting<'w> = &'w dyn Fn() -> usize;

/// A promise about a mailer.
pub type Promise = fn(&dyn Mailer, Waiting<'_>);

/// Every promise of a mailer, by name.
pub const PROMISES: &[(&str, Promise)] = crate::for_each_mailer_promise!(promise_table);

/// Makes a test of every promise of a [`Mailer`]; the first expression makes a new mailer, the second is
/// a function that counts what waits in it.
#[macro_export]
macro_rules! mailer_suite {
    ($new:expr, $waiting:expr) => {
        $crate::for_each_mailer_promise!(
            promise_tests,
            (mailer, waiting),
            {
                fn counting<M>(mailer: M, waiting: fn(&M) -> usize) -> (M, fn(&M) -> usize) {
                    (mailer, waiting)
                }
                counting($new, $waiting)
            },
            (&mailer, &|| waiting(&mailer))
        );
    };
}

/// The one list of the promises of a mailer.
#[doc(hidden)]
#[macro_export]
macro_rules! for_each_mailer_promise {
    ($then:ident $(, $with:tt, $new:expr, $given:tt)?) => {
        $crate::$then! {
            $($with, $new, $given,)? mailer:
            sending::every_kind_of_mail_is_taken_over,
            sending::the_same_mail_twice_is_two_mails,
            sending::a_mail_to_nobody_leaves_nothing_and_takes_no_place,
            sending::what_waits_is_bounded,
            sending::a_mail_to_nobody_is_refused_where_another_one_is,
            sending::threads_lose_nothing_and_keep_the_bound,
        }
    };
}
