//! Helpers for races that end even if a thread panics: threads wait for each other only before the first call.

#![allow(clippy::expect_used, reason = "a promise that cannot be checked fails")]

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

/// Runs `work` on `count` threads that start at the same time, and returns their results in thread
/// order.
pub(in crate::suites) fn run_concurrently<T: Send>(count: u64, work: impl Fn(u64) -> T + Sync) -> Vec<T> {
    let (work, barrier) = (&work, &Barrier::new(usize::try_from(count).expect("few threads")));
    thread::scope(|scope| {
        let run = |number| {
            move || {
                barrier.wait();
                work(number)
            }
        };
        let threads: Vec<_> = (0..count).map(|number| scope.spawn(run(number))).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("a racing call failed"))
            .collect()
    })
}

/// Returns how many answers equal `wanted`.
pub(in crate::suites) fn count_of<T: PartialEq>(answers: &[T], wanted: &T) -> usize {
    answers.iter().filter(|answer| *answer == wanted).count()
}

/// Runs `work` on this thread, while `observers` other threads call `observe` with their number until the
/// work has ended or `observe` returns `false`.
///
/// Returns the result of the work, and whether every call of `observe` returned `true`.
///
/// # Panics
/// Panics if `work` or `observe` panics. The other threads end first.
pub(in crate::suites) fn observe_while<T>(
    observers: usize,
    work: impl FnOnce() -> T,
    observe: impl Fn(usize) -> bool + Sync,
) -> (T, bool) {
    let (barrier, ended) = (&Barrier::new(observers + 1), &AtomicBool::new(false));
    let watch = |number| {
        barrier.wait();
        let mut holds = observe(number);
        while holds && !ended.load(Ordering::Acquire) {
            holds = observe(number);
        }
        // One more call sees the final state.
        holds && observe(number)
    };
    thread::scope(|scope| {
        let watch = &watch;
        let threads: Vec<_> = (0..observers)
            .map(|number| scope.spawn(move || watch(number)))
            .collect();
        barrier.wait();
        let end = SetOnDrop(ended);
        let answer = work();
        drop(end);
        let observed: Vec<bool> = threads
            .into_iter()
            .map(|thread| thread.join().expect("an observer failed"))
            .collect();
        (answer, observed.into_iter().all(|holds| holds))
    })
}

/// Sets a flag when it is dropped, also while a panic unwinds.
struct SetOnDrop<'a>(&'a AtomicBool);

impl Drop for SetOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}
