//! The port for keeping sessions.

use crate::ports::StoreError;
use crate::session::Session;
use crate::time::Timestamp;
use crate::token::SessionKey;
use crate::user::UserId;

/// Keeps sessions by key.
///
/// # Contract
/// For every method:
/// - *Expired is absent.* A session is dead from [`Session::expires_at`] on, compared with the `now`
///   that is passed in; a store reads no clock, and a time-to-live of its own is only a broom.
/// - *Acknowledged is durable*, on a store that is durable at all: the answer comes after the write
///   is safe. Only [`touch`](Self::touch) may be later.
/// - *One order.* What was acknowledged before a call began is visible to it, from every thread.
/// - *No upsert.* Nothing but [`insert`](Self::insert) and [`rotate`](Self::rotate) makes a session appear.
/// - *Logout wins.* Once [`delete`](Self::delete) or [`delete_all_of`](Self::delete_all_of) has
///   returned, no call that began earlier brings the session back.
///
/// # Errors
/// [`StoreError`] when the store fails; then nothing of the call was done, or, when the failure hit
/// the acknowledgement itself, all of it.
pub trait SessionStore: Send + Sync {
    /// Adds a session.
    ///
    /// Absent: it is added. Repeated: [`Inserted::Collision`], and the one that is there stays as it was,
    /// also when it has expired. Concurrent: of several inserts of one key exactly one is `Done`.
    fn insert(&self, session: &Session) -> Result<Inserted, StoreError>;

    /// The session under a key.
    ///
    /// Absent or expired: `None`. A record that makes no sense is [`StoreError::Corrupt`], not `None`.
    fn find(&self, key: &SessionKey, now: Timestamp) -> Result<Option<Session>, StoreError>;

    /// Replaces the values, the permanence, the lifetime and the device of a session by compare-and-swap.
    ///
    /// `session.revision` is the one that was read; afterwards the store holds the next.
    /// Absent or expired: [`Updated::Gone`], and nothing is created. Concurrent: of several updates
    /// from one revision exactly one is `Done`, the others are [`Updated::Stale`].
    /// The time last seen becomes the later of the stored and the given one; who is signed in,
    /// when the session began and its origin stay as they are.
    fn update(&self, session: &Session, now: Timestamp) -> Result<Updated, StoreError>;

    /// Notes that a session was used at `now`, which extends it by its own idle lifetime and never past
    /// its absolute one. It leaves the revision alone, so that it disturbs no update.
    ///
    /// Absent or expired: [`Touched::Gone`] or, where the write comes later, nothing at all.
    /// Repeated or late: the time last seen never goes back. It may be written later in a batch, but
    /// before any other write that is asked for afterwards through the same handle; losing it with the
    /// process is acceptable, and so is leaving it out when too many wait already.
    fn touch(&self, key: &SessionKey, now: Timestamp) -> Result<Touched, StoreError>;

    /// Replaces a session by one under a new key, in one step: whoever looks sees exactly one of them.
    ///
    /// `old` is the session as it was read, and `new` has its [`Session::first_key`] as origin. Absent or expired: [`Rotated::Gone`], and `new` does not
    /// appear. Changed since it was read: [`Rotated::Stale`]. The new key is taken: [`Rotated::Collision`].
    /// In these cases all is as before. Concurrent: of several rotations of one key exactly one is `Done`.
    fn rotate(&self, old: &Session, new: &Session, now: Timestamp) -> Result<Rotated, StoreError>;

    /// Removes a session, expired or not, or else the one that took its place since `session` was read:
    /// the one with the same [`Session::first_key`]. Tells whether there was one. May be repeated.
    ///
    /// Concurrent: against rotations of the same session, before and after, none is left.
    fn delete(&self, session: &Session) -> Result<bool, StoreError>;

    /// Removes every session of a user; tells how many there were. May be repeated.
    fn delete_all_of(&self, user: UserId) -> Result<u64, StoreError>;

    /// Removes at most `limit` sessions that are dead at `now`; tells how many it removed.
    /// Fewer than `limit` means that none is left.
    fn purge_expired(&self, now: Timestamp, limit: u32) -> Result<u64, StoreError>;
}

/// Lists sessions, for people who look after them.
pub trait SessionDirectory: Send + Sync {
    /// At most `limit` live sessions in the order of their keys, beginning after `after`;
    /// all of them, or one user's.
    ///
    /// # Errors
    /// As [`SessionStore`].
    fn list(
        &self,
        user: Option<UserId>,
        after: Option<&SessionKey>,
        limit: u32,
        now: Timestamp,
    ) -> Result<Vec<Session>, StoreError>;
}

/// What came of [`SessionStore::insert`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Inserted {
    /// It is there.
    Done,
    /// The key is taken.
    Collision,
}

/// What came of [`SessionStore::update`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Updated {
    /// It is written, under the next revision.
    Done,
    /// Somebody else wrote since it was read.
    Stale,
    /// There is no such session any more.
    Gone,
}

/// What came of [`SessionStore::touch`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Touched {
    /// It is noted, or will be with the next write.
    Done,
    /// There is no such session any more.
    Gone,
}

/// What came of [`SessionStore::rotate`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Rotated {
    /// The new session is there, the old one is not.
    Done,
    /// The old session was not there.
    Gone,
    /// The old session was changed since it was read.
    Stale,
    /// The new key is taken.
    Collision,
}
