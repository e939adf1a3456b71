//! Removes what has expired in the background, in small batches, so that no request waits for it: sessions,
//! the tokens of links, and the history of accounts from very long ago.
//!
//! It is a broom only: whether a session or a token lives is decided by its stored time at every look.

use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use kunci_domain::ports::{Clock, StoreError};
use kunci_domain::{Core, Timestamp};

/// How many records of a kind one batch removes at the most: so few that a disk has soon written them, as
/// whoever reads what is not in memory may wait for that.
const BATCH: u32 = 64;
/// How long it rests when there is nothing left to remove.
const REST: Duration = Duration::from_secs(60);
/// How long it lets others have the store between two batches.
const PAUSE: Duration = Duration::from_millis(10);
/// How long the history of accounts is kept; no session and no cookie lives longer.
const HISTORY_KEPT: Duration = Duration::from_secs(400 * 24 * 60 * 60);

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
            // It has nothing to tell, also when it panicked.
            let _ = thread.join();
        }
    }
}

/// Removes one batch of each kind and tells how long to wait before the next.
fn sweep_once(core: &Core, now: Timestamp) -> Duration {
    let more = [
        has_more("sessions", core.sessions.purge_expired(now, BATCH)),
        has_more("tokens of links", core.tokens.purge_expired(now, BATCH)),
        has_more("events", core.history.purge(now.before(HISTORY_KEPT), BATCH)),
    ];
    if more.contains(&true) { PAUSE } else { REST }
}

/// Whether a batch was full, so that there may be more to remove.
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
mod tests {
    use super::*;
    use crate::app::App;
    use kunci_domain::ports::Inserted;
    use kunci_domain::{Event, EventKind};
    use kunci_testkit::samples;

    fn event() -> Event {
        samples::event(samples::user_id(1), 0, EventKind::SignedIn)
    }

    #[test]
    fn what_has_expired_goes_and_what_lives_stays() {
        let app = App::builder().build().unwrap();
        let (core, now) = (app.core(), samples::start());
        let session = samples::visitor(1);
        let token = samples::invitation(1);
        let event = event();
        assert_eq!(core.sessions.insert(&session).unwrap(), Inserted::Done);
        assert_eq!(core.tokens.issue(&token).unwrap(), Inserted::Done);
        core.history.append(&event).unwrap();
        let there = |now| {
            let session = core.sessions.find(&session.key, now).unwrap().is_some();
            let token = core.tokens.find(&token.key, now).unwrap().is_some();
            let event = !core.history.list(event.user, 0, 1).unwrap().is_empty();
            (session, token, event)
        };
        assert_eq!(sweep_once(core, now), REST);
        assert_eq!(there(now), (true, true, true));
        sweep_once(core, event.at.after(HISTORY_KEPT));
        // Looked at with the former time, for which nothing has expired.
        assert_eq!(there(now), (false, false, true));
        sweep_once(core, event.at.after(HISTORY_KEPT + Duration::from_millis(1)));
        assert_eq!(there(now), (false, false, false));
    }

    #[test]
    fn a_full_batch_of_any_kind_is_followed_by_another_soon() {
        let app = App::builder().build().unwrap();
        let core = app.core();
        for _ in 0..u64::from(BATCH) {
            core.history.append(&event()).unwrap();
        }
        let later = samples::start().after(2 * HISTORY_KEPT);
        assert_eq!(sweep_once(core, later), PAUSE);
        assert_eq!(sweep_once(core, later), REST);
    }
}
