//! A panic in an adapter under test fails each promise within seconds, whichever call panics.

#![allow(clippy::unwrap_used, reason = "a test fails if a step fails")]

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use kunci_domain::ports::{AccountStore, SeparateStores, SessionStore};
use kunci_memory::{MemoryAccountStore, MemorySessionStore, MemoryThrottle};
use kunci_testkit::fakes::{Act, FastHasher, FastSealer, RecordingMailer, Watch, Watched};
use kunci_testkit::suites::{
    account_store, mailer, password_hasher, sealer, session_check, session_store, throttle,
};
use kunci_testkit::{account_store_methods, session_check_methods, session_store_methods, throttle_methods};

/// More than any promise takes, and less than a developer waits.
const PATIENCE: Duration = Duration::from_secs(30);

/// Numbers of calls, from 1: in the preparation of a promise, in its race, and after it.
const CALLS: [usize; 8] = [1, 2, 3, 4, 5, 8, 13, 30];

/// A promise of a fresh adapter whose calls a watch decides.
type Check = Arc<dyn Fn(&Watch) + Send + Sync>;

/// Whether the call with this number and name panics.
type Plan = Arc<dyn Fn(usize, &str) -> bool + Send + Sync>;

/// Runs a promise while calls panic as planned. Asserts that it ends in time, and that it fails if a call
/// panicked. Returns the names of the calls.
#[track_caller]
fn run(promise: &str, check: &Check, plan: Plan, plan_name: &str) -> Vec<&'static str> {
    let (watch, number) = (Watch::default(), AtomicUsize::new(0));
    let panicked = Arc::new(AtomicBool::new(false));
    let has_panicked = Arc::clone(&panicked);
    watch.set(move |name| {
        if plan(number.fetch_add(1, Ordering::SeqCst) + 1, name) {
            panicked.store(true, Ordering::SeqCst);
            panic!("this call panics by plan");
        }
        Act::Pass
    });
    let (ended, end) = mpsc::channel();
    let (watched, check) = (watch.clone(), Arc::clone(check));
    thread::spawn(move || {
        let failed = catch_unwind(AssertUnwindSafe(|| check(&watched))).is_err();
        let _ = ended.send(failed == has_panicked.load(Ordering::SeqCst));
    });
    let as_expected = end.recv_timeout(PATIENCE);
    assert_eq!(as_expected, Ok(true), "{promise}, panic in {plan_name}");
    watch.calls()
}

/// Runs each promise while a method panics, while all calls from one on panic, and while a single call panics.
/// Asserts that each of `methods` has panicked in some promise.
#[track_caller]
fn panics_fail(methods: &[&'static str], promises: impl IntoIterator<Item = (&'static str, Check)>) {
    let mut tried = BTreeSet::new();
    for (promise, check) in promises {
        let called = run(promise, &check, Arc::new(|_, _| false), "no call");
        for method in BTreeSet::from_iter(called) {
            tried.insert(method);
            run(promise, &check, Arc::new(move |_, name| name == method), method);
        }
        for call in CALLS {
            let name = format!("call {call}");
            run(promise, &check, Arc::new(move |number, _| call <= number), &name);
            run(promise, &check, Arc::new(move |number, _| call == number), &name);
        }
    }
    assert_eq!(tried, methods.iter().copied().collect());
}

/// Returns a table of promises as checks, given how to run one of them under a watch.
fn checks<P: Copy + Send + Sync + 'static>(
    table: &[(&'static str, P)],
    run: fn(P, &Watch),
) -> Vec<(&'static str, Check)> {
    let check = |(name, promise): &(&'static str, P)| {
        let promise = *promise;
        (*name, Arc::new(move |watch: &Watch| run(promise, watch)) as Check)
    };
    table.iter().map(check).collect()
}

/// Expands to the names of the methods of a port.
macro_rules! names {
    ($port:ident $prefix:literal: $($method:ident($($argument:ident: $type:ty),*) -> $answer:ty = $claimed:expr;)*) => {
        &[$(concat!($prefix, ".", stringify!($method))),*]
    };
}

#[test]
fn panic_in_a_session_store_fails_each_promise() {
    let one = checks(session_store::PROMISES, |promise, watch| {
        promise(&Watched(Arc::<MemorySessionStore>::default(), watch.clone()));
    });
    let two = checks(session_store::SHARED_PROMISES, |promise, watch| {
        let store = Watched(Arc::<MemorySessionStore>::default(), watch.clone());
        promise(&store, &store);
    });
    panics_fail(session_store_methods!(names), one.into_iter().chain(two));
}

#[test]
fn panic_in_an_account_store_fails_each_promise() {
    let one = checks(account_store::PROMISES, |promise, watch| {
        promise(&Watched(Arc::<MemoryAccountStore>::default(), watch.clone()));
    });
    let two = checks(account_store::SHARED_PROMISES, |promise, watch| {
        let store = Watched(Arc::<MemoryAccountStore>::default(), watch.clone());
        promise(&store, &store);
    });
    panics_fail(account_store_methods!(names), one.into_iter().chain(two));
}

#[test]
fn panic_in_a_session_check_fails_each_promise() {
    let promises = checks(session_check::PROMISES, |promise, watch| {
        let sessions: Arc<dyn SessionStore> = Arc::new(MemorySessionStore::default());
        let accounts: Arc<dyn AccountStore> = Arc::new(MemoryAccountStore::default());
        let stores = SeparateStores {
            sessions: Arc::clone(&sessions),
            accounts: Arc::clone(&accounts),
        };
        promise(&Watched(Arc::new(stores), watch.clone()), &*sessions, &*accounts);
    });
    panics_fail(session_check_methods!(names), promises);
}

#[test]
fn panic_in_a_throttle_fails_each_promise() {
    let promises = checks(throttle::PROMISES, |promise, watch| {
        promise(&Watched(Arc::<MemoryThrottle>::default(), watch.clone()));
    });
    panics_fail(throttle_methods!(names), promises);
}

#[test]
fn panic_in_a_mailer_fails_each_promise() {
    let promises = checks(mailer::PROMISES, |promise, watch| {
        let inner = Arc::new(RecordingMailer::with_limit(mailer::ROOM));
        promise(&Watched(Arc::clone(&inner), watch.clone()), &|| inner.len());
    });
    panics_fail(&["mailer.send"], promises);
}

#[test]
fn panic_in_a_hasher_fails_each_promise() {
    let promises = checks(password_hasher::PROMISES, |promise, watch| {
        promise(&Watched(Arc::<FastHasher>::default(), watch.clone()));
    });
    panics_fail(&["hasher.hash", "hasher.verify"], promises);
}

#[test]
fn panic_in_a_sealer_fails_each_promise() {
    let promises = checks(sealer::PROMISES, |promise, watch| {
        promise(&|current, former| {
            Box::new(Watched(Arc::new(FastSealer::new(current, former)), watch.clone()))
        });
    });
    panics_fail(&["sealer.seal", "sealer.open"], promises);
}
