//! Removes expired records in the background: sessions, link tokens, and old history of accounts. The batches
//! are small, so that requests do not wait for them.
//!
//! This is housekeeping only. Every look-up compares the stored time, so expired records are never used.

use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use kunci_domain::ports::{Clock, StoreError};
use kunci_domain::{Core, Timestamp};

/// The most records of a kind that one batch removes. Requests that read from disk may wait for the writes.
const BATCH: u32 = 64;
/// Time between batches if nothing is left to remove.
const REST: Duration = Duration::from_secs(60);
/// Time between batches if more is left, in which requests can use the store.
const PAUSE: Duration = Duration::from_millis(10);
/// How long the history of accounts is kept. No session and no cookie lives longer.
const HISTORY_KEPT: Duration = Duration::from_secs(400 * 24 * 60 * 60);

/// The background thread, which stops when this is dropped.
#[derive(Debug)]
pub(crate) struct Sweeper {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Sweeper {
    /// Starts the thread.
    ///
    /// # Errors
    /// The error of the system if no thread can be started.
    pub(crate) fn start(core: Arc<Core>, clock: Arc<dyn Clock>) -> std::io::Result<Self> {
        let (stop, stopped) = mpsc::channel();
        let sweep = move || {
            let mut wait = Duration::ZERO;
            while stopped.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                wait = sweep_once(&core, clock.now());
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
            // The thread has no result, even if it panicked.
            let _ = thread.join();
        }
    }
}

/// Removes one batch of each kind, and returns the time until the next.
fn sweep_once(core: &Core, now: Timestamp) -> Duration {
    let more = [
        has_more("sessions", core.sessions.purge_expired(now, BATCH)),
        has_more(
            "links and events",
            core.accounts.purge(now, now.before(HISTORY_KEPT), BATCH),
        ),
    ];
    if more.contains(&true) { PAUSE } else { REST }
}

/// Whether a batch was full, so that more records may be left.
fn has_more(what: &str, removed: Result<u64, StoreError>) -> bool {
    match removed {
        Ok(removed) => u64::from(BATCH) <= removed,
        Err(error) => {
            tracing::warn!(%error, "expired {what} could not be removed");
            false
        }
    }
}

#[cfg(test)]
mod tests;
