//! The pool, with jobs that block until the test releases them. Instead of sleeping, tests poll the state of
//! the pool until the other threads have reached it.

use std::mem;
use std::num::NonZeroUsize;
use std::panic;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex, RwLock};
use std::thread::{self, ThreadId};
use std::time::Duration;

use super::{IDLE_TIMEOUT, Pool, PoolError, State};
use crate::cost::Concurrency;
use crate::lock;
use crate::memory::Memory;

fn pool<A: Send + 'static>(permits: usize, queue: usize, idle_timeout: Duration) -> Pool<A> {
    let permits = NonZeroUsize::new(permits).unwrap();
    Pool::new(Concurrency { permits, queue }, idle_timeout)
}

/// Waits until the state of the pool fulfils a condition.
fn until<A>(pool: &Pool<A>, reached: impl Fn(&State<A>) -> bool) {
    while !reached(&lock(&pool.shared.state)) {
        thread::yield_now();
    }
}

/// A job that waits at a gate, which is closed while the test holds the write lock.
fn pass(gate: &Arc<RwLock<()>>) -> impl FnOnce(&mut Memory) + Send + use<> {
    let gate = Arc::clone(gate);
    move |_| drop(gate.read())
}

#[test]
fn only_callers_beyond_the_limits_are_refused() {
    const CALLERS: usize = 9;
    for (permits, queue) in [(1, 0), (1, 1), (2, 3), (3, 0), (8, 0)] {
        let pool = pool(permits, queue, IDLE_TIMEOUT);
        let gate = Arc::new(RwLock::new(()));
        let (start, full, done) = (Barrier::new(CALLERS), AtomicUsize::new(0), AtomicUsize::new(0));
        let closed = gate.write().unwrap();
        thread::scope(|scope| {
            for _ in 0..CALLERS {
                scope.spawn(|| {
                    start.wait();
                    let counter = match pool.run(pass(&gate)) {
                        Ok(()) => &done,
                        Err(PoolError::Full) => &full,
                        Err(error) => panic!("{error}"),
                    };
                    counter.fetch_add(1, Ordering::SeqCst);
                });
            }
            until(&pool, |state| {
                state.jobs.len() + state.busy + full.load(Ordering::SeqCst) == CALLERS
            });
            assert_eq!(done.load(Ordering::SeqCst), 0);
            drop(closed);
        });
        assert_eq!(
            done.into_inner(),
            permits + queue,
            "{permits} permits, queue of {queue}"
        );
        assert_eq!(full.into_inner(), CALLERS - permits - queue);
    }
}

#[test]
fn concurrent_jobs_equal_the_permits() {
    let pool = pool(3, 5, IDLE_TIMEOUT);
    let gate = Arc::new(RwLock::new(()));
    let closed = gate.write().unwrap();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| pool.run(pass(&gate)).unwrap());
        }
        until(&pool, |state| state.busy == 3 && state.jobs.len() == 5);
        assert_eq!(lock(&pool.shared.state).alive, 3);
        drop(closed);
    });
    assert_eq!(lock(&pool.shared.state).busy, 0);
}

#[test]
fn jobs_run_in_order_of_arrival() {
    let pool = pool(1, 5, IDLE_TIMEOUT);
    let gate = Arc::new(RwLock::new(()));
    let served = Arc::new(Mutex::new(Vec::new()));
    let closed = gate.write().unwrap();
    thread::scope(|scope| {
        scope.spawn(|| pool.run(pass(&gate)).unwrap());
        until(&pool, |state| state.busy == 1);
        for number in 0..5 {
            let (pool, served) = (&pool, Arc::clone(&served));
            scope.spawn(move || pool.run(move |_| lock(&served).push(number)).unwrap());
            until(pool, |state| state.jobs.len() == number + 1);
        }
        drop(closed);
    });
    assert_eq!(*lock(&served), [0, 1, 2, 3, 4]);
}

#[test]
fn permit_is_freed_before_the_result_is_sent() {
    let pool = pool(1, 0, IDLE_TIMEOUT);
    for number in 0..1_000 {
        assert_eq!(pool.run(move |_| number).unwrap(), number);
    }
}

#[test]
fn panicking_job_is_reported_and_frees_its_permit() {
    let pool = pool(1, 0, IDLE_TIMEOUT);
    // `resume_unwind` prints no message.
    let panicked = pool.run(|_| -> ThreadId { panic::resume_unwind(Box::new("on purpose")) });
    assert!(matches!(panicked, Err(PoolError::Panicked)));
    let here = pool.run(|_| thread::current().id()).unwrap();
    assert_eq!(pool.run(|_| thread::current().id()).unwrap(), here);
}

#[test]
fn threads_start_on_demand() {
    let pool = pool(4, 4, IDLE_TIMEOUT);
    assert_eq!(lock(&pool.shared.state).alive, 0);
    let first = pool.run(|_| thread::current().id()).unwrap();
    let second = pool.run(|_| thread::current().id()).unwrap();
    assert_eq!(first, second, "sequential callers need one thread");
    assert_ne!(first, thread::current().id());
    assert_eq!(lock(&pool.shared.state).alive, 1);
}

#[test]
fn idle_thread_ends_and_is_replaced_on_demand() {
    let pool = pool(1, 0, Duration::ZERO);
    let first = pool.run(|_| thread::current().id()).unwrap();
    let ended = mem::take(&mut lock(&pool.shared.state).threads);
    assert_eq!(ended.len(), 1);
    ended.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(lock(&pool.shared.state).alive, 0);
    assert_ne!(pool.run(|_| thread::current().id()).unwrap(), first);
}

#[test]
fn ending_thread_frees_its_memory_first() {
    let pool = pool::<()>(1, 0, Duration::ZERO);
    lock(&pool.shared.state).alive = 1;
    let mut memory = Memory::default();
    memory.blocks(4).unwrap();
    assert!(pool.shared.next(&mut memory).is_none());
    assert_eq!(memory.len(), 0);
    assert_eq!(lock(&pool.shared.state).alive, 0);
}

#[test]
fn thread_keeps_its_memory_between_jobs() {
    let pool = pool(1, 0, IDLE_TIMEOUT);
    assert_eq!(pool.run(|memory| memory.blocks(4).unwrap().len()).unwrap(), 4);
    assert_eq!(pool.run(|memory| memory.len()).unwrap(), 4);
}

#[test]
fn threads_end_with_the_pool() {
    let pool = pool(4, 0, IDLE_TIMEOUT);
    let gate = Arc::new(RwLock::new(()));
    let closed = gate.write().unwrap();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| pool.run(pass(&gate)).unwrap());
        }
        until(&pool, |state| state.busy == 4);
        drop(closed);
    });
    // Each thread holds a reference until it has ended.
    let shared = Arc::downgrade(&pool.shared);
    assert!(shared.strong_count() > 1);
    drop(pool);
    assert_eq!(shared.strong_count(), 0);
}

#[cfg(target_os = "linux")]
#[test]
fn threads_have_a_lower_priority_than_their_callers() {
    let priority = || rustix::process::getpriority_process(None).unwrap();
    let pool = pool(1, 0, IDLE_TIMEOUT);
    let before = priority();
    assert_eq!(pool.run(move |_| priority()).unwrap(), (before + 10).min(19));
    assert_eq!(priority(), before, "the caller keeps its priority");
}
