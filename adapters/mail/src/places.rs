//! How many messages a folder holds, without looking each time.
//!
//! Counts what this process does. What others do beside it shows when the folder is counted anew, which
//! happens when there seems to be no place left, and not more often than every few seconds.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kunci_domain::Timestamp;

/// How long a count is believed.
const BELIEVED: Duration = Duration::from_secs(10);

/// The places of a folder.
#[derive(Debug)]
pub(crate) struct Places {
    limit: usize,
    taken: Mutex<Taken>,
}

#[derive(Debug)]
struct Taken {
    /// By messages that are there.
    there: usize,
    /// By messages that are being written. They are kept apart, as a count of the files misses them.
    coming: usize,
    counted_at: Option<Timestamp>,
}

impl Places {
    pub(crate) const fn new(limit: usize, there: usize) -> Self {
        Self {
            limit,
            taken: Mutex::new(Taken {
                there,
                coming: 0,
                counted_at: None,
            }),
        }
    }

    pub(crate) fn are_left(&self) -> bool {
        self.lock().all() < self.limit
    }

    /// Takes a place for a message that is about to be written; answers whether there was one.
    /// Whoever takes one says with [`Places::came`] how it went.
    ///
    /// One message that arrives while files are counted may be counted twice, but never missed.
    pub(crate) fn take(&self, now: Timestamp, count: impl FnOnce() -> io::Result<usize>) -> io::Result<bool> {
        let mut taken = self.lock();
        if self.limit <= taken.all() && taken.is_old(now) {
            taken.there = count()?;
            taken.counted_at = Some(now);
        }
        let free = taken.all() < self.limit;
        taken.coming += usize::from(free);
        Ok(free)
    }

    /// The message for which a place was taken stays, or there is none.
    pub(crate) fn came(&self, stays: bool) {
        let mut taken = self.lock();
        taken.coming = taken.coming.saturating_sub(1);
        taken.there += usize::from(stays);
    }

    /// A message came from elsewhere.
    pub(crate) fn add(&self) {
        self.lock().there += 1;
    }

    /// A message went.
    pub(crate) fn free(&self) {
        let mut taken = self.lock();
        taken.there = taken.there.saturating_sub(1);
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        // Nothing panics between two steps that belong together.
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Taken {
    const fn all(&self) -> usize {
        self.there + self.coming
    }

    /// A clock that was set back makes a count old, too.
    fn is_old(&self, now: Timestamp) -> bool {
        self.counted_at
            .is_none_or(|at| now < at || at.after(BELIEVED) <= now)
    }
}
