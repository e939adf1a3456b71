//! The port for keeping tokens that are handed over in links.

use crate::one_time_token::{LinkKey, OneTimeToken, Purpose};
use crate::ports::{Inserted, StoreError};
use crate::time::Timestamp;
use crate::user::UserId;

/// Keeps one-time tokens by key.
///
/// # Contract
/// For every method:
/// - *Dead is absent.* A token is dead from `expires_at` on, compared with the `now` that is passed in,
///   and when it has no use left.
/// - *Acknowledged is durable*, on a store that is durable at all.
/// - *One order.* What was acknowledged before a call began is visible to it, from every thread.
/// - *A use is taken once.* Of several that spend the same last use exactly one gets the token.
///
/// # Errors
/// [`StoreError`] when the store fails; then nothing of the call was done, or, when the failure hit
/// the acknowledgement itself, all of it.
pub trait TokenStore: Send + Sync {
    /// Adds a token. One that acts on an account takes the place of every earlier one of the same
    /// account and purpose, in the same step (OWASP ASVS 5.0, 6.6.2).
    ///
    /// Repeated: [`Inserted::Collision`], and what is there stays as it was, dead or not.
    /// Concurrent: of several for one account and purpose exactly one is left.
    fn issue(&self, token: &OneTimeToken) -> Result<Inserted, StoreError>;

    /// The token under a key. Absent or dead: `None`.
    fn find(&self, key: &LinkKey, now: Timestamp) -> Result<Option<OneTimeToken>, StoreError>;

    /// Takes one use of a token and gives the token back as it was before.
    ///
    /// Absent, dead, or of another purpose: `None`, and nothing is changed.
    /// Concurrent: as many get it as it had uses.
    fn spend(
        &self,
        key: &LinkKey,
        purpose: Purpose,
        now: Timestamp,
    ) -> Result<Option<OneTimeToken>, StoreError>;

    /// Gives back a use that was taken, as what it was taken for did not come about.
    ///
    /// Absent or expired: nothing happens, and no token appears.
    fn give_back(&self, key: &LinkKey, now: Timestamp) -> Result<(), StoreError>;

    /// Removes a token; tells whether there was a live one at `now`. May be repeated.
    fn void(&self, key: &LinkKey, now: Timestamp) -> Result<bool, StoreError>;

    /// Removes every token that acts on an account; tells how many there were. May be repeated.
    fn void_all_of(&self, user: UserId) -> Result<u64, StoreError>;

    /// At most `limit` live tokens of a purpose, in the order of their keys, beginning after `after`.
    fn list(
        &self,
        purpose: Purpose,
        after: Option<&LinkKey>,
        limit: u32,
        now: Timestamp,
    ) -> Result<Vec<OneTimeToken>, StoreError>;

    /// Removes at most `limit` tokens that have expired at `now`; tells how many it removed.
    /// Fewer than `limit` means that none is left.
    fn purge_expired(&self, now: Timestamp, limit: u32) -> Result<u64, StoreError>;
}
