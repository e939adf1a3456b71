//! A suite is worth what it catches: each flaw that token stores are known for breaks the promise it should.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod ending;
mod issuing;
mod spending;
mod store;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use kunci_testkit::suites::token_store::PROMISES;
use store::Flawed;

/// The promise must fail with the flaw, and must hold without it.
#[track_caller]
fn breaks(promise: &str, flaw: impl Fn(&mut Flawed)) {
    let (_, check) = PROMISES.iter().find(|(name, _)| *name == promise).unwrap();
    check(&Flawed::but_for(|_| {}));
    let fails = || {
        let flawed = Flawed::but_for(&flaw);
        catch_unwind(AssertUnwindSafe(|| check(&flawed))).is_err()
    };
    assert!((0..TRIES).any(|_| fails()), "{promise} was not broken");
}

/// On a busy machine one race may go well by chance; that many never do.
const TRIES: usize = 50;

/// Lets other threads into the gap between looking and writing.
fn dawdle() {
    (0..20).for_each(|_| thread::yield_now());
}
