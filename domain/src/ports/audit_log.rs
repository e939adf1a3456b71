//! The port for keeping what happened to accounts.

use crate::event::Event;
use crate::ports::StoreError;
use crate::time::Timestamp;
use crate::user::UserId;

/// Keeps events; nothing changes one that was appended.
///
/// # Contract
/// - *Acknowledged is durable*, on a store that is durable at all.
/// - *One order.* Events of one user are listed in the order in which they were appended, also when
///   their times are equal or a clock was set back.
///
/// # Errors
/// [`StoreError`] when the store fails; then nothing of the call was done, or, when the failure hit
/// the acknowledgement itself, all of it.
pub trait AuditLog: Send + Sync {
    /// Adds an event.
    ///
    /// Repeated: it stands there twice, for it may have happened twice.
    fn append(&self, event: &Event) -> Result<(), StoreError>;

    /// At most `limit` events of a user, the latest first, without the `skip` latest.
    fn list(&self, user: UserId, skip: u32, limit: u32) -> Result<Vec<Event>, StoreError>;

    /// Removes every event of a user; tells how many there were. May be repeated.
    fn delete_all_of(&self, user: UserId) -> Result<u64, StoreError>;

    /// Removes at most `limit` events from before a time; tells how many it removed.
    /// Fewer than `limit` means that none is left.
    fn purge(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError>;
}
