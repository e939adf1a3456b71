//! The port that keeps the tokens of links.

use crate::one_time_token::{LinkKey, OneTimeToken, Purpose};
use crate::ports::{Inserted, StoreError};
use crate::time::Timestamp;
use crate::user::UserId;

/// Keeps one-time tokens by key.
///
/// # Contract
/// These promises hold for every method:
/// - *Dead means absent.* A token is dead if it has no uses left, and from `expires_at` on, compared with the
///   `now` that the caller passes.
/// - *Acknowledged means durable*, on a store that is durable at all.
/// - *One order.* Every call, from any thread, sees what was acknowledged before it began.
/// - *A use is spent once.* Of several calls that spend the same last use, exactly one gets the token.
///
/// # Errors
/// Returns [`StoreError`] if the store fails. The call then had no effect, or, if only its acknowledgement
/// failed, its full effect.
pub trait TokenStore: Send + Sync {
    /// Inserts a token. If it acts on an account, it replaces, atomically, every earlier token of the same
    /// account and purpose (OWASP ASVS 5.0, 6.6.2).
    ///
    /// If the key exists, returns [`Inserted::Collision`]; the existing token, dead or not, is unchanged.
    /// Concurrent: of several tokens for one account and purpose, exactly one remains.
    fn issue(&self, token: &OneTimeToken) -> Result<Inserted, StoreError>;

    /// Returns the token with this key. Absent or dead: `None`.
    fn find(&self, key: &LinkKey, now: Timestamp) -> Result<Option<OneTimeToken>, StoreError>;

    /// Spends one use of a token and returns the token as it was before.
    ///
    /// Absent, dead, or of another purpose: `None`, and nothing changes. Concurrent: as many calls succeed as
    /// the token had uses.
    fn spend(
        &self,
        key: &LinkKey,
        purpose: Purpose,
        now: Timestamp,
    ) -> Result<Option<OneTimeToken>, StoreError>;

    /// Restores a use that was spent on an operation that then failed.
    ///
    /// Absent or expired: nothing happens, and no token is created.
    fn give_back(&self, key: &LinkKey, now: Timestamp) -> Result<(), StoreError>;

    /// Removes a token and returns whether it was live at `now`. May be repeated.
    fn void(&self, key: &LinkKey, now: Timestamp) -> Result<bool, StoreError>;

    /// Removes every token that acts on an account and returns how many there were. May be repeated.
    fn void_all_of(&self, user: UserId) -> Result<u64, StoreError>;

    /// Returns at most `limit` live tokens of a purpose in the order of their keys, starting after the key
    /// `after`.
    fn list(
        &self,
        purpose: Purpose,
        after: Option<&LinkKey>,
        limit: u32,
        now: Timestamp,
    ) -> Result<Vec<OneTimeToken>, StoreError>;

    /// Removes at most `limit` tokens that have expired at `now` and returns how many it removed. A result
    /// below `limit` means that none is left.
    fn purge_expired(&self, now: Timestamp, limit: u32) -> Result<u64, StoreError>;
}
