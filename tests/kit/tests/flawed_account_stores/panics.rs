//! A panic in a store under test fails every promise within seconds.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use kunci_memory::MemoryAccountStore;
use kunci_testkit::fakes::{Act, Watch, Watched};
use kunci_testkit::suites::account_store::{PROMISES, SHARED_PROMISES};

/// More than any promise takes, and less than a developer waits.
const PATIENCE: Duration = Duration::from_secs(30);

/// A store whose calls from number `first` on panic, and whether one did.
fn panicking_from(first: u64) -> (Watched<MemoryAccountStore>, Arc<AtomicBool>) {
    let (watch, calls) = (Watch::default(), AtomicU64::new(1));
    let panicked = Arc::new(AtomicBool::new(false));
    let panics = Arc::clone(&panicked);
    watch.set(move |_| {
        if calls.fetch_add(1, Ordering::SeqCst) < first {
            return Act::Pass;
        }
        panics.store(true, Ordering::SeqCst);
        panic!("this store panics");
    });
    (Watched(Arc::default(), watch), panicked)
}

/// Asserts that the promise ends in time, and that it fails if the store panicked.
fn ends_in_time(
    name: &'static str,
    first: u64,
    check: impl FnOnce(&Watched<MemoryAccountStore>) + Send + 'static,
) {
    let (ended, end) = mpsc::channel();
    thread::spawn(move || {
        let (store, panicked) = panicking_from(first);
        let failed = catch_unwind(AssertUnwindSafe(|| check(&store))).is_err();
        let _ = ended.send(failed == panicked.load(Ordering::SeqCst));
    });
    let expected = end.recv_timeout(PATIENCE);
    assert_eq!(expected, Ok(true), "{name}, panic from call {first} on");
}

#[test]
fn panic_in_any_early_call_fails_each_promise() {
    for (name, check) in PROMISES {
        for first in [1, 2, 3, 4, 5, 8, 13, 30] {
            ends_in_time(name, first, move |store| check(store));
        }
    }
}

#[test]
fn panic_through_two_handles_fails_each_promise() {
    for (name, check) in SHARED_PROMISES {
        for first in [1, 2, 3, 4, 5, 8, 13, 30] {
            ends_in_time(name, first, move |store| check(store, store));
        }
    }
}
