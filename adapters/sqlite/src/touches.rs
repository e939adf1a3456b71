//! How many touches of each session are waiting, so that a busy session does not fill the queue.
//!
//! Left out: which times they carry. The few that wait are all written, in their order.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kunci_domain::SessionKey;

/// Counts the touches that wait, by session.
#[derive(Debug, Default)]
pub(crate) struct WaitingTouches(Mutex<HashMap<SessionKey, u8>>);

impl WaitingTouches {
    /// How many touches of one session wait at most.
    ///
    /// A touch is due once a minute; that there are several at once means that many requests came
    /// within the time of one commit, and those differ by milliseconds.
    const MOST: u8 = 4;

    /// A place for one more touch, unless enough of them wait already.
    pub(crate) fn enter(self: &Arc<Self>, key: SessionKey) -> Option<WaitingTouch> {
        let mut counts = self.lock();
        let count = counts.entry(key).or_default();
        if Self::MOST <= *count {
            return None;
        }
        *count += 1;
        Some(WaitingTouch {
            key,
            among: Arc::clone(self),
        })
    }

    fn leave(&self, key: SessionKey) {
        let mut counts = self.lock();
        match counts.get_mut(&key) {
            Some(count) if 1 < *count => *count -= 1,
            _ => drop(counts.remove(&key)),
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SessionKey, u8>> {
        // The counts are a courtesy; whatever a panic left in them does no harm.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One touch that waits; dropping it gives its place back, whether it was written or not.
#[derive(Debug)]
pub(crate) struct WaitingTouch {
    key: SessionKey,
    among: Arc<WaitingTouches>,
}

impl WaitingTouch {
    /// Which session was touched.
    pub(crate) const fn key(&self) -> &SessionKey {
        &self.key
    }
}

impl Drop for WaitingTouch {
    fn drop(&mut self) {
        self.among.leave(self.key);
    }
}
