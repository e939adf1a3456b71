//! Removes expired sessions in the background, in small batches, so that no request waits for it.
//!
//! It is a broom only: whether a session lives is decided by its stored time at every look.

use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use kunci_domain::ports::{Clock, SessionStore};

/// How many sessions one batch removes at the most.
const BATCH: u32 = 500;
/// How long it rests when there is nothing left to remove.
const REST: Duration = Duration::from_secs(60);
/// How long it lets others have the store between two batches.
const PAUSE: Duration = Duration::from_millis(20);

/// A running broom; it stops when dropped.
#[derive(Debug)]
pub(crate) struct Sweeper {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Sweeper {
    /// Starts to sweep.
    ///
    /// # Errors
    /// When no thread can be started.
    pub(crate) fn start(sessions: Arc<dyn SessionStore>, clock: Arc<dyn Clock>) -> std::io::Result<Self> {
        let (stop, stopped) = mpsc::channel();
        let sweep = move || {
            let mut wait = Duration::ZERO;
            while stopped.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                wait = sweep_once(&*sessions, &*clock);
            }
        };
        let thread = thread::Builder::new().name("sweeper".into()).spawn(sweep)?;
        Ok(Self {
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

impl Drop for Sweeper {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            // It has nothing to tell, also when it panicked.
            let _ = thread.join();
        }
    }
}

/// Removes one batch and tells how long to wait before the next.
fn sweep_once(sessions: &dyn SessionStore, clock: &dyn Clock) -> Duration {
    match sessions.purge_expired(clock.now(), BATCH) {
        Ok(removed) if removed >= u64::from(BATCH) => PAUSE,
        Ok(_) => REST,
        Err(error) => {
            tracing::warn!(%error, "expired sessions could not be removed");
            REST
        }
    }
}
