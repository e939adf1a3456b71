//! Whether a server still runs: the one place where a stop or a failure is announced and awaited.
//! Leaves out what is done about it, which is the supervisor's.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::error::ServeError;

#[derive(Debug, Default)]
pub(crate) struct Control {
    /// Says the same as `end`, but can be read on every request for next to nothing.
    ending: AtomicBool,
    end: Mutex<Option<Result<(), ServeError>>>,
    announced: Condvar,
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
        let end = self.lock();
        let (end, _) = self
            .announced
            .wait_timeout_while(end, time, |end| end.is_none())
            .unwrap_or_else(PoisonError::into_inner);
        end.is_some()
    }

    /// How the server ended; an end that nobody announced is a clean one.
    pub(crate) fn outcome(&self) -> Result<(), ServeError> {
        self.lock().take().unwrap_or(Ok(()))
    }

    fn announce(&self, end: Result<(), ServeError>) {
        self.lock().get_or_insert(end);
        self.ending.store(true, Ordering::Relaxed);
        self.announced.notify_all();
    }

    /// Nothing panics while it holds this lock, so a poisoned one is as good as another.
    fn lock(&self) -> MutexGuard<'_, Option<Result<(), ServeError>>> {
        self.end.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
