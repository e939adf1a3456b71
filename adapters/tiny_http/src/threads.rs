//! Starts and counts threads, to bound their number and to wait for their end; locks what they share.

use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::Builder;
use std::time::Instant;

/// The threads of one kind.
#[derive(Default)]
pub(crate) struct Threads {
    count: Mutex<usize>,
    one_ended: Condvar,
}

/// Counts one thread until it is dropped.
pub(crate) struct Slot(Arc<Threads>);

impl Threads {
    /// Counts one more thread, unless there are `most` already.
    pub(crate) fn enter(self: &Arc<Self>, most: usize) -> Option<Slot> {
        let mut count = lock(&self.count);
        (*count < most).then(|| {
            *count += 1;
            Slot(Arc::clone(self))
        })
    }

    /// Waits until all threads have ended, and returns whether they have by the deadline.
    pub(crate) fn end_by(&self, deadline: Instant) -> bool {
        let time = deadline.saturating_duration_since(Instant::now());
        let waited = self
            .one_ended
            .wait_timeout_while(lock(&self.count), time, |count| *count > 0);
        *waited.unwrap_or_else(PoisonError::into_inner).0 == 0
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        *lock(&self.0.count) -= 1;
        self.0.one_ended.notify_all();
    }
}

/// Starts a thread that occupies a slot until it ends, also by a panic.
pub(crate) fn spawn(name: &str, slot: Option<Slot>, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let thread = move || {
        let _slot = slot;
        work();
    };
    Builder::new().name(name.to_owned()).spawn(thread).map(drop)
}

/// Locks data that stays consistent if a thread panics.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
