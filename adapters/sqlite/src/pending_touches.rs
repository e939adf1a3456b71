//! Counts the queued touches of each session, so that a busy session does not fill the queue.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kunci_domain::SessionKey;

/// The number of queued touches by session.
#[derive(Debug, Default)]
pub(crate) struct PendingTouches(Mutex<HashMap<SessionKey, u8>>);

impl PendingTouches {
    /// The most touches of one session that are queued at the same time.
    ///
    /// A touch is due once a minute. If several are queued, many requests came within the time of one commit,
    /// and their times differ by milliseconds.
    const MAX: u8 = 4;

    /// Reserves a place for one more touch of a session, unless enough of them are queued.
    pub(crate) fn reserve(self: &Arc<Self>, key: SessionKey) -> Option<PendingTouch> {
        let mut counts = self.lock();
        let count = counts.entry(key).or_default();
        if Self::MAX <= *count {
            return None;
        }
        *count += 1;
        let touches = Arc::clone(self);
        Some(PendingTouch { key, touches })
    }

    fn release(&self, key: SessionKey) {
        let mut counts = self.lock();
        match counts.get_mut(&key) {
            Some(count) if 1 < *count => *count -= 1,
            _ => drop(counts.remove(&key)),
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SessionKey, u8>> {
        // A wrong count after a panic only means that a touch is written or dropped needlessly.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One queued touch. Dropping it releases its place, whether it was written or not.
#[derive(Debug)]
pub(crate) struct PendingTouch {
    key: SessionKey,
    touches: Arc<PendingTouches>,
}

impl PendingTouch {
    /// Returns the key of the session.
    pub(crate) const fn key(&self) -> &SessionKey {
        &self.key
    }
}

impl Drop for PendingTouch {
    fn drop(&mut self) {
        self.touches.release(self.key);
    }
}
