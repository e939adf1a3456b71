//! The port that keeps accounts.

use crate::email::EmailAddress;
use crate::ports::{StoreError, Updated};
use crate::user::{User, UserId};
use crate::username::Username;

/// Keeps users by id and by name.
///
/// # Contract
/// - *Names are unique* by [`Username::folded`]. This is a constraint of the store, not a look-up before the
///   write.
/// - *Acknowledged means durable*, on a store that is durable at all.
/// - *One order.* Every call, from any thread, sees what was acknowledged before it began.
/// - *No upsert.* Only [`insert`](Self::insert) creates a user.
///
/// # Errors
/// Returns [`StoreError`] if the store fails. The call then had no effect, or, if only its acknowledgement
/// failed, its full effect.
pub trait UserStore: Send + Sync {
    /// Inserts a user.
    ///
    /// Concurrent: of several inserts of one name, exactly one returns `Done`.
    fn insert(&self, user: &User) -> Result<UserInserted, StoreError>;

    /// Returns the user with this id, or `None`.
    fn find(&self, id: UserId) -> Result<Option<User>, StoreError>;

    /// Returns the user with this name, whatever its case, or `None`.
    fn find_by_name(&self, name: &Username) -> Result<Option<User>, StoreError>;

    /// Returns at most `limit` users whose confirmed email address is `address`, in the order of their folded
    /// names. The comparison ignores the case of ASCII letters and nothing else.
    fn find_by_address(&self, address: &EmailAddress, limit: u32) -> Result<Vec<User>, StoreError>;

    /// Replaces everything except the id, the name and the time of creation, by compare-and-swap on
    /// `user.revision`. That is the revision which the caller read; after `Done`, the stored user has the
    /// next one.
    ///
    /// Absent: [`Updated::Gone`], and nothing is created. Concurrent: of several updates from one revision,
    /// exactly one returns `Done`; the others return [`Updated::Stale`].
    fn update(&self, user: &User) -> Result<Updated, StoreError>;

    /// Removes a user and returns whether there was one. The name becomes free. May be repeated.
    fn delete(&self, id: UserId) -> Result<bool, StoreError>;

    /// Returns at most `limit` users in the order of their folded names, starting after the name `after`.
    fn list(&self, after: Option<&Username>, limit: u32) -> Result<Vec<User>, StoreError>;
}

/// The result of [`UserStore::insert`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum UserInserted {
    /// The user is stored.
    Done,
    /// Another user has this name.
    NameTaken,
    /// Another user has this id.
    Collision,
}
