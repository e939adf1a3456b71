//! Conformance suite for [`Mailer`], one function per promise.
//!
//! To run it, call the macro in a test file with an expression that makes a mailer and a function that counts
//! its queued mails. Each promise becomes one test, such as `postbox::queue_is_bounded`.
//!
//! The mailer must have room for [`ROOM`] mails, and no mail may leave its queue during a test.
//!
//! ```
//! mod postbox {
//!     use kunci_testkit::fakes::RecordingMailer;
//!     use kunci_testkit::suites::mailer::ROOM;
//!
//!     kunci_testkit::mailer_suite!(RecordingMailer::with_limit(ROOM), |postbox| postbox.len());
//! }
//! ```
//!
//! The suite does not cover what the port does not show: whether mails survive the end of the process,
//! whether they are delivered, and whether sending waits for a server. Test these in the mailer's own crate.
//!
//! [`Mailer`]: kunci_domain::ports::Mailer

pub mod sending;

use kunci_domain::ports::Mailer;
pub use sending::{QueueLength, ROOM};

/// A promise of a mailer.
pub type Promise = fn(&dyn Mailer, QueueLength<'_>);

/// All promises of a mailer, with their names.
pub const PROMISES: &[(&str, Promise)] = crate::for_each_mailer_promise!(promise_table);

/// Makes a test of each promise of a [`Mailer`].
///
/// The first expression makes a new mailer, the second is a function that returns the number of mails
/// in its queue.
#[macro_export]
macro_rules! mailer_suite {
    ($new:expr, $queue_length:expr) => {
        $crate::for_each_mailer_promise!(
            promise_tests,
            (mailer, queue_length),
            {
                fn counting<M>(mailer: M, queue_length: fn(&M) -> usize) -> (M, fn(&M) -> usize) {
                    (mailer, queue_length)
                }
                counting($new, $queue_length)
            },
            (&mailer, &|| queue_length(&mailer))
        );
    };
}

/// Lists the promises of a mailer. Tables and tests are made from this list.
#[doc(hidden)]
#[macro_export]
macro_rules! for_each_mailer_promise {
    ($callback:ident $(, $pattern:tt, $new:expr, $arguments:tt)?) => {
        $crate::$callback! {
            $($pattern, $new, $arguments,)? mailer:
            sending::every_kind_of_mail_is_accepted,
            sending::identical_mails_are_both_queued,
            sending::mail_without_recipient_is_not_queued,
            sending::queue_is_bounded,
            sending::full_queue_refuses_mail_without_recipient,
            sending::concurrent_sends_fill_the_queue_exactly,
        }
    };
}
