//! The suite detects flaws: each known flaw of account stores breaks the expected promise.

#![allow(clippy::unwrap_used, reason = "a test fails if a step fails")]

mod changes;
mod events;
mod links;
mod panics;
mod store;
mod users;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use kunci_testkit::suites::account_store::PROMISES;
use store::Flawed;

/// Asserts that the promise fails with the flaw and holds without it.
#[track_caller]
fn breaks(promise: &str, flaw: impl Fn(&mut Flawed)) {
    let (_, check) = PROMISES.iter().find(|(name, _)| *name == promise).unwrap();
    check(&Flawed::with(|_| {}));
    let fails = || {
        let flawed = Flawed::with(&flaw);
        catch_unwind(AssertUnwindSafe(|| check(&flawed))).is_err()
    };
    assert!((0..TRIES).any(|_| fails()), "{promise} was not broken");
}

/// A race may go well by chance, so a flaw gets several tries to show.
const TRIES: usize = 50;

/// Lets other threads run between a check and a write.
fn yield_to_other_threads() {
    (0..20).for_each(|_| thread::yield_now());
}
