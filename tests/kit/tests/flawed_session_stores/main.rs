//! A suite is worth what it catches: each flaw that session stores are known for breaks the promise it should.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod moving;
mod store;
mod timing;
mod writing;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use kunci_testkit::suites::session_store::{DIRECTORY_PROMISES, PROMISES};
use store::Flawed;

fn fails(check: impl FnOnce()) -> bool {
    catch_unwind(AssertUnwindSafe(check)).is_err()
}

/// The promise must fail with the flaw, and must hold without it.
#[track_caller]
fn breaks(promise: &str, flaw: impl Fn(&mut Flawed)) {
    let sound = Flawed::but_for(|_| {});
    let flawed = || Flawed::but_for(&flaw);
    if let Some((_, check)) = PROMISES.iter().find(|(name, _)| *name == promise) {
        check(&sound);
        let broken = (0..TRIES).any(|_| fails(|| check(&flawed())));
        assert!(broken, "{promise} was not broken");
    } else {
        let (_, check) = DIRECTORY_PROMISES
            .iter()
            .find(|(name, _)| *name == promise)
            .unwrap();
        check(&sound, &sound);
        let flawed = flawed();
        assert!(fails(|| check(&flawed, &flawed)), "{promise} was not broken");
    }
}

/// On a busy machine one race may go well by chance; that many never do.
const TRIES: usize = 50;

/// Lets other threads into the gap between looking and writing.
fn dawdle() {
    (0..20).for_each(|_| thread::yield_now());
}
