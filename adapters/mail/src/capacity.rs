//! Counts the messages in a folder without listing it for every mail.
//!
//! The count covers the changes of this process. When the folder seems full or nearly full, its files are
//! counted again, at most every few seconds, to notice the changes of other processes.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kunci_domain::Timestamp;
use kunci_domain::mail::MailContent;

/// The shortest time between two counts of the files.
const RECOUNT_INTERVAL: Duration = Duration::from_secs(10);

/// How important it is that a message is stored when the folder is nearly full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Priority {
    /// A link to confirm an address, which any stranger can request for a new account.
    Confirmation,
    /// A notice, which the owner of an account can cause without limit.
    Notice,
    /// A link to reset a password. Stored limits of the account bound their number.
    Reset,
}

impl Priority {
    pub(crate) const fn of(content: &MailContent) -> Self {
        match content {
            MailContent::ConfirmAddress(_) | MailContent::ConfirmNewAddress(_) => Self::Confirmation,
            MailContent::Notice(_) => Self::Notice,
            MailContent::ResetPassword(_) => Self::Reset,
        }
    }

    /// Returns how many messages a folder may have after one with this priority is stored.
    const fn share_of(self, limit: usize) -> usize {
        match self {
            Self::Confirmation => limit - limit / 5,
            Self::Notice => limit - limit / 10,
            Self::Reset => limit,
        }
    }
}

/// The number of messages in a folder, and its limit.
#[derive(Debug)]
pub(crate) struct Capacity {
    limit: usize,
    used: Mutex<Used>,
}

#[derive(Debug)]
struct Used {
    stored: usize,
    /// Messages that are being written. A count of the files does not include them.
    pending: usize,
    counted_at: Option<Timestamp>,
    is_nearly_full: bool,
}

impl Capacity {
    pub(crate) const fn new(limit: usize, stored: usize) -> Self {
        Self {
            limit,
            used: Mutex::new(Used {
                stored,
                pending: 0,
                counted_at: None,
                is_nearly_full: false,
            }),
        }
    }

    pub(crate) fn has_room(&self) -> bool {
        self.lock().total() < self.limit
    }

    /// Reserves room for one message, and returns whether there was any for its priority. Every reservation
    /// ends with [`Capacity::release`].
    ///
    /// A message that is stored during a count of the files may be counted twice, but is never missed.
    pub(crate) fn reserve(
        &self,
        priority: Priority,
        now: Timestamp,
        count: impl FnOnce() -> io::Result<usize>,
    ) -> io::Result<bool> {
        let share = priority.share_of(self.limit);
        let mut used = self.lock();
        if share <= used.total() && used.may_recount(now) {
            used.stored = count()?;
            used.counted_at = Some(now);
        }
        let free = used.total() < share;
        used.pending += usize::from(free);
        Ok(free)
    }

    /// Ends a reservation. `stored` says whether the message is in the folder now.
    pub(crate) fn release(&self, stored: bool) {
        let mut used = self.lock();
        used.pending = used.pending.saturating_sub(1);
        used.stored += usize::from(stored);
    }

    /// Returns the number of messages if it has reached four fifths of the limit since it was last below.
    ///
    /// The files are counted first, because an operator may have removed some.
    pub(crate) fn newly_nearly_full(&self, count: impl FnOnce() -> io::Result<usize>) -> Option<usize> {
        let mut used = self.lock();
        if used.total() < self.warn_at() {
            used.is_nearly_full = false;
        }
        if used.total() < self.warn_at() || used.is_nearly_full || 0 < used.pending {
            return None;
        }
        used.stored = count().unwrap_or(used.stored);
        used.is_nearly_full = self.warn_at() <= used.stored;
        used.is_nearly_full.then_some(used.stored)
    }

    /// Returns the number of messages from which confirmations are refused.
    const fn warn_at(&self) -> usize {
        Priority::Confirmation.share_of(self.limit)
    }

    /// Counts a message that was moved into the folder.
    pub(crate) fn add(&self) {
        self.lock().stored += 1;
    }

    /// Counts a message that left the folder.
    pub(crate) fn remove(&self) {
        let mut used = self.lock();
        used.stored = used.stored.saturating_sub(1);
    }

    fn lock(&self) -> MutexGuard<'_, Used> {
        // No code panics while the numbers are inconsistent.
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Used {
    const fn total(&self) -> usize {
        self.stored + self.pending
    }

    /// Returns whether the files may be counted again, which includes a clock that was set back.
    fn may_recount(&self, now: Timestamp) -> bool {
        self.counted_at
            .is_none_or(|at| now < at || at.after(RECOUNT_INTERVAL) <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_unix_millis(0);

    /// Stores a message in a folder that then has `files`.
    fn store(capacity: &Capacity, files: usize) -> Option<usize> {
        assert!(capacity.reserve(Priority::Reset, NOW, || Ok(files)).unwrap());
        capacity.release(true);
        capacity.newly_nearly_full(|| Ok(files))
    }

    #[test]
    fn nearly_full_folder_is_reported_once_per_crossing() {
        let capacity = Capacity::new(10, 6);
        assert_eq!(store(&capacity, 7), None);
        assert_eq!(store(&capacity, 8), Some(8));
        assert_eq!(store(&capacity, 9), None);
        capacity.remove();
        capacity.remove();
        assert_eq!(capacity.newly_nearly_full(|| Ok(7)), None);
        assert_eq!(store(&capacity, 8), Some(8));
    }

    #[test]
    fn messages_that_others_removed_do_not_count_as_nearly_full() {
        let capacity = Capacity::new(10, 8);
        assert_eq!(store(&capacity, 1), None);
        assert_eq!(store(&capacity, 2), None);
    }

    #[test]
    fn nearly_full_folder_is_reported_after_the_last_pending_message() {
        let capacity = Capacity::new(10, 7);
        let reserve = || capacity.reserve(Priority::Reset, NOW, || Ok(7)).unwrap();
        assert_eq!([reserve(), reserve()], [true, true]);
        capacity.release(true);
        assert_eq!(capacity.newly_nearly_full(|| Ok(8)), None);
        capacity.release(true);
        assert_eq!(capacity.newly_nearly_full(|| Ok(9)), Some(9));
    }
}
