//! Whether a server still runs: the one place where a stop or a failure is announced and awaited, and where
//! the keeper can be nudged while it waits.
//! Leaves out what is done about it, which is the supervisor's and the keeper's.

use std::mem;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::error::ServeError;

#[derive(Debug, Default)]
pub(crate) struct Control {
    /// Says the same as `State::end`, but can be read on every request for next to nothing.
    ending: AtomicBool,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    end: Option<Result<(), ServeError>>,
    is_nudged: bool,
}

impl Control {
    /// Asks for a clean end. The first announcement counts, later ones change nothing.
    pub(crate) fn stop(&self) {
        self.announce(Ok(()));
    }

    /// Ends the server with an error.
    pub(crate) fn fail(&self, error: ServeError) {
        self.announce(Err(error));
    }

    /// Whether the end has been announced.
    pub(crate) fn is_ending(&self) -> bool {
        self.ending.load(Ordering::Relaxed)
    }

    /// Waits until the end is announced, at most for `time`, and says whether it is.
    pub(crate) fn ends_within(&self, time: Duration) -> bool {
        self.wait(time, |state| state.end.is_some()).end.is_some()
    }

    /// Has whoever waits for a nudge look at once; one that comes too early is kept.
    pub(crate) fn nudge(&self) {
        self.lock().is_nudged = true;
        self.changed.notify_all();
    }

    /// Waits for a nudge, at most for `time` or until the end is announced, and says whether there was one.
    pub(crate) fn is_nudged_within(&self, time: Duration) -> bool {
        let mut state = self.wait(time, |state| state.is_nudged || state.end.is_some());
        mem::take(&mut state.is_nudged)
    }

    /// How the server ended; an end that nobody announced is a clean one.
    pub(crate) fn outcome(&self) -> Result<(), ServeError> {
        self.lock().end.take().unwrap_or(Ok(()))
    }

    fn announce(&self, end: Result<(), ServeError>) {
        self.lock().end.get_or_insert(end);
        self.ending.store(true, Ordering::Relaxed);
        self.changed.notify_all();
    }

    fn wait(&self, time: Duration, is_over: impl Fn(&State) -> bool) -> MutexGuard<'_, State> {
        self.changed
            .wait_timeout_while(self.lock(), time, |state| !is_over(state))
            .unwrap_or_else(PoisonError::into_inner)
            .0
    }

    /// Nothing panics while it holds this lock, so a poisoned one is as good as another.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    /// So long that a test which waits it out has failed.
    const FOREVER: Duration = Duration::from_secs(3_600);

    #[test]
    fn a_nudge_ends_a_wait_once_and_is_kept_for_who_comes_late() {
        let control = Control::default();
        thread::scope(|scope| {
            scope.spawn(|| control.nudge());
            assert!(control.is_nudged_within(FOREVER));
        });
        assert!(!control.is_nudged_within(Duration::ZERO));
        control.nudge();
        assert!(control.is_nudged_within(Duration::ZERO));
    }

    #[test]
    fn the_end_ends_every_wait() {
        let control = Control::default();
        thread::scope(|scope| {
            scope.spawn(|| control.stop());
            assert!(control.ends_within(FOREVER));
        });
        assert!(!control.is_nudged_within(FOREVER));
        assert!(control.is_ending());
    }
}
