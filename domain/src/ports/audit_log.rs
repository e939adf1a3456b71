//! The port that keeps the history of accounts.

use crate::event::Event;
use crate::ports::StoreError;
use crate::time::Timestamp;
use crate::user::UserId;

/// Keeps events. Once appended, an event is never changed.
///
/// # Contract
/// - *Acknowledged means durable*, on a store that is durable at all.
/// - *One order.* Events of one user are listed in the order in which they were appended, even if their times
///   are equal or the clock was set back.
///
/// # Errors
/// Returns [`StoreError`] if the store fails. The call then had no effect, or, if only its acknowledgement
/// failed, its full effect.
pub trait AuditLog: Send + Sync {
    /// Appends an event.
    ///
    /// Repeated: the event is listed twice, because it may have happened twice.
    fn append(&self, event: &Event) -> Result<(), StoreError>;

    /// Returns at most `limit` events of a user, latest first, after skipping the `skip` latest ones.
    fn list(&self, user: UserId, skip: u32, limit: u32) -> Result<Vec<Event>, StoreError>;

    /// Removes all events of a user and returns how many there were. May be repeated.
    fn delete_all_of(&self, user: UserId) -> Result<u64, StoreError>;

    /// Removes at most `limit` events older than `before` and returns how many it removed. A result below
    /// `limit` means that none is left.
    fn purge(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError>;
}
