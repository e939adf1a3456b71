//! The suite detects flaws: each known flaw of session stores breaks the expected promise.

#![allow(clippy::unwrap_used, reason = "a test fails if a step fails")]

mod expiry_and_touch;
mod insert_and_update;
mod rotation_and_removal;
mod store;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use kunci_testkit::suites::session_store::PROMISES;
use store::Flawed;

fn fails(check: impl FnOnce()) -> bool {
    catch_unwind(AssertUnwindSafe(check)).is_err()
}

/// Asserts that the promise fails with the flaw and holds without it.
#[track_caller]
fn breaks(promise: &str, flaw: impl Fn(&mut Flawed)) {
    let sound = Flawed::with(|_| {});
    let flawed = || Flawed::with(&flaw);
    let (_, check) = PROMISES.iter().find(|(name, _)| *name == promise).unwrap();
    check(&sound);
    let broken = (0..TRIES).any(|_| fails(|| check(&flawed())));
    assert!(broken, "{promise} was not broken");
}

/// A race may go well by chance, so a flaw gets several tries to show.
const TRIES: usize = 50;

/// Lets other threads run between a check and a write.
fn yield_to_other_threads() {
    (0..20).for_each(|_| thread::yield_now());
}
