//! The port that keeps sessions.

use crate::ports::StoreError;
use crate::session::Session;
use crate::time::Timestamp;
use crate::token::SessionKey;
use crate::user::UserId;

/// Keeps sessions by key.
///
/// # Contract
/// These promises hold for every method:
/// - *Expired means absent.* A session is expired from [`Session::expires_at`] on, compared with the `now`
///   that the caller passes. A store never reads a clock. If the engine has its own time-to-live, it only
///   reclaims space.
/// - *Acknowledged means durable*, on a store that is durable at all: a method returns only after its write
///   is safe. Only [`touch`](Self::touch) may be written later.
/// - *One order.* Every call, from any thread, sees what was acknowledged before it began.
/// - *No upsert.* Only [`insert`](Self::insert) and [`rotate`](Self::rotate) create a session.
/// - *Logout wins.* Once [`delete`](Self::delete) or [`delete_all_of`](Self::delete_all_of) has returned, no
///   call that began earlier brings the session back.
///
/// # Errors
/// Returns [`StoreError`] if the store fails. A failed write had no effect, unless it returns
/// [`StoreError::OutcomeUnknown`] because its acknowledgement was lost: it then had no effect or its full
/// effect. Nothing is retried blindly; the caller reports a failure.
pub trait SessionStore: Send + Sync {
    /// Inserts a session under an unused key.
    ///
    /// Returns [`Inserted::Collision`] if the key exists, even if the existing session has expired; the
    /// existing session is unchanged. Concurrent: of several inserts of one key, exactly one returns `Done`.
    fn insert(&self, session: &Session) -> Result<Inserted, StoreError>;

    /// Returns the session with this key.
    ///
    /// Absent or expired: `None`. A record that cannot be read is [`StoreError::Corrupt`], not `None`.
    fn find(&self, key: &SessionKey, now: Timestamp) -> Result<Option<Session>, StoreError>;

    /// Replaces the values, notices, waiting enrolment, permanence, lifetime and device of a session by
    /// compare-and-swap on its revision.
    ///
    /// `session.revision` is the revision that the caller read; after `Done`, the stored session has the next
    /// one. The stored time last seen becomes the later of the stored and the given time. The state of the
    /// sign-in, the time of creation, the origin and the previous key never change.
    ///
    /// Absent or expired: [`Updated::Gone`], and nothing is created. Concurrent: of several updates from one
    /// revision, exactly one returns `Done`; the others return [`Updated::Stale`].
    fn update(&self, session: &Session, now: Timestamp) -> Result<Updated, StoreError>;

    /// Records that a session was used at `now`. This extends the session by its own idle lifetime, but never
    /// past its absolute lifetime. The revision stays the same, so a touch never makes an update stale.
    ///
    /// Absent or expired: [`Touched::Gone`]; a store that writes touches later may return `Done`, and the
    /// touch then has no effect. Repeated or late: the time last seen never moves back.
    ///
    /// A store may write touches later, in batches, but before any other write that is requested afterwards
    /// through the same handle. Losing a touch when the process ends is acceptable. So is dropping one if too
    /// many are waiting already.
    fn touch(&self, key: &SessionKey, now: Timestamp) -> Result<Touched, StoreError>;

    /// Replaces a session by one with a new key, atomically: a reader always sees exactly one of the two.
    ///
    /// `old` is the session as the caller read it; the origin of `new` is the [`Session::first_key`] of
    /// `old`, and its previous key is the key of `old`. Each of these results leaves everything unchanged:
    ///
    /// - `old` is absent or expired: [`Rotated::Gone`]
    /// - `old` was changed since it was read: [`Rotated::Stale`]
    /// - the key of `new` is taken: [`Rotated::Collision`]
    ///
    /// Concurrent: of several rotations of one key, exactly one returns `Done`.
    fn rotate(&self, old: &Session, new: &Session, now: Timestamp) -> Result<Rotated, StoreError>;

    /// Removes a session, expired or not, and returns whether there was one. If the session was rotated since
    /// it was read, its successor is removed: the one with the same [`Session::first_key`]. The session whose
    /// previous key is the key of this one is removed as well. May be repeated.
    ///
    /// Concurrent: if the session is rotated before or after the deletion, no successor remains.
    fn delete(&self, session: &Session) -> Result<bool, StoreError>;

    /// Removes all sessions in which a user is signed in, and returns how many there were. May be repeated.
    fn delete_all_of(&self, user: UserId) -> Result<u64, StoreError>;

    /// Removes at most `limit` sessions that have expired at `now` and returns how many it removed. A result
    /// below `limit` means that none is left.
    fn purge_expired(&self, now: Timestamp, limit: u32) -> Result<u64, StoreError>;

    /// Returns at most `limit` live sessions in the order of their keys, starting after the key `after`:
    /// those in which `user` is signed in, or all if `user` is `None`.
    fn list(
        &self,
        user: Option<UserId>,
        after: Option<&SessionKey>,
        limit: u32,
        now: Timestamp,
    ) -> Result<Vec<Session>, StoreError>;
}

/// The result of [`SessionStore::insert`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Inserted {
    /// The session is stored.
    Done,
    /// Another session has this key.
    Collision,
}

/// The result of [`SessionStore::update`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Updated {
    /// The change is stored under the next revision.
    Done,
    /// The record was changed since it was read.
    Stale,
    /// The session no longer exists.
    Gone,
}

/// The result of [`SessionStore::touch`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Touched {
    /// The touch is written, or will be with the next write.
    Done,
    /// The session no longer exists.
    Gone,
}

/// The result of [`SessionStore::rotate`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Rotated {
    /// The new session replaced the old one.
    Done,
    /// The old session did not exist.
    Gone,
    /// The old session was changed since it was read.
    Stale,
    /// The new key is taken.
    Collision,
}
