//! The port for keeping accounts.

use crate::email::EmailAddress;
use crate::ports::{StoreError, Updated};
use crate::user::{User, UserId};
use crate::username::Username;

/// Keeps users by id and by name.
///
/// # Contract
/// - Names are unique by [`Username::folded`], by a constraint of the store and not by looking first.
/// - Acknowledged is durable, on a store that is durable at all.
/// - What was acknowledged before a call began is visible to it, from every thread.
/// - No upsert: only [`insert`](Self::insert) makes a user appear.
///
/// # Errors
/// [`StoreError`] when the store fails; then nothing of the call was done, or, when the failure hit
/// the acknowledgement itself, all of it.
pub trait UserStore: Send + Sync {
    /// Adds a user.
    ///
    /// Concurrent: of several inserts of one name exactly one is `Done`.
    fn insert(&self, user: &User) -> Result<UserInserted, StoreError>;

    /// The user with an id; `None` when there is none.
    fn find(&self, id: UserId) -> Result<Option<User>, StoreError>;

    /// The user with a name, whatever its case; `None` when there is none.
    fn find_by_name(&self, name: &Username) -> Result<Option<User>, StoreError>;

    /// At most `limit` users who have shown that mail to an address arrives, in the order of their folded
    /// names. Addresses are compared as they are, but for the case of ASCII letters.
    fn find_by_address(&self, address: &EmailAddress, limit: u32) -> Result<Vec<User>, StoreError>;

    /// Replaces everything but id, name and time of creation, by compare-and-swap on `user.revision`,
    /// which is the one that was read; afterwards the store holds the next.
    ///
    /// Absent: [`Updated::Gone`], and nothing is created. Concurrent: of several updates from one
    /// revision exactly one is `Done`, the others are [`Updated::Stale`].
    fn update(&self, user: &User) -> Result<Updated, StoreError>;

    /// Removes a user; tells whether there was one. May be repeated. The name is free afterwards.
    fn delete(&self, id: UserId) -> Result<bool, StoreError>;

    /// At most `limit` users in the order of their folded names, beginning after `after`.
    fn list(&self, after: Option<&Username>, limit: u32) -> Result<Vec<User>, StoreError>;
}

/// What came of [`UserStore::insert`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum UserInserted {
    /// It is there.
    Done,
    /// Another user has this name.
    NameTaken,
    /// Another user has this id.
    Collision,
}
