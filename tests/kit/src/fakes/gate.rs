//! A gate at which calls of a store wait, like the calls of a store on a network that does not answer.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// The longest wait, generous enough for a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// Blocks every thread that passes it until it is opened. Clones are the same gate.
///
/// [`Watch::hold`](super::Watch::hold) puts it before the calls of a store.
#[derive(Debug, Clone, Default)]
pub struct Gate(Arc<(Mutex<State>, Condvar)>);

#[derive(Debug, Default)]
struct State {
    is_open: bool,
    waiting: usize,
}

impl Gate {
    /// Waits until the gate is open.
    ///
    /// # Panics
    /// If the gate stays closed for 30 seconds.
    pub fn pass(&self) {
        let (state, changed) = &*self.0;
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        state.waiting += 1;
        changed.notify_all();
        let opened = changed.wait_timeout_while(state, PATIENCE, |state| !state.is_open);
        let (mut state, wait) = opened.unwrap_or_else(PoisonError::into_inner);
        state.waiting -= 1;
        drop(state);
        assert!(!wait.timed_out(), "nothing opened the gate");
    }

    /// Opens the gate for all threads, now and later.
    pub fn open(&self) {
        let (state, changed) = &*self.0;
        state.lock().unwrap_or_else(PoisonError::into_inner).is_open = true;
        changed.notify_all();
    }

    /// Waits until this many threads wait at the gate.
    ///
    /// # Panics
    /// If fewer threads wait at it after 30 seconds.
    pub fn await_waiting(&self, count: usize) {
        let (state, changed) = &*self.0;
        let state = state.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = changed.wait_timeout_while(state, PATIENCE, |state| state.waiting < count);
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let waiting = state.waiting;
        drop(state);
        assert!(count <= waiting, "{waiting} of {count} threads wait at the gate");
    }
}
