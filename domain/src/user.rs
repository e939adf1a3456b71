//! Accounts, and the epoch that ends their sessions.

use std::fmt;

use crate::email::EmailAddress;
use crate::password::PasswordHash;
use crate::ports::{Entropy, EntropyError};
use crate::revision::Revision;
use crate::second_factor::SecondFactor;
use crate::time::Timestamp;
use crate::username::Username;

/// The permanent id of a user, unaffected by renaming.
///
/// It has 63 random bits: every store can keep it as a signed 64-bit integer, and it does not reveal the
/// number of users.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(i64);

impl UserId {
    /// Generates an id.
    ///
    /// # Errors
    /// If the source of randomness fails.
    pub fn generate(entropy: &dyn Entropy) -> Result<Self, EntropyError> {
        let mut bytes = [0; 8];
        entropy.fill(&mut bytes)?;
        Ok(Self(i64::from_be_bytes(bytes) & i64::MAX))
    }

    /// Restores an id from a store.
    #[must_use]
    pub const fn from_stored(id: i64) -> Self {
        Self(id)
    }

    /// Returns the integer for a store.
    #[must_use]
    pub const fn as_i64(self) -> i64 {
        self.0
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UserId({self})")
    }
}

/// A counter that increases whenever a user's rights or secrets change.
///
/// A session records the epoch in which its user signed in. If the user's epoch has changed since, the
/// session is invalid, whichever store holds it. One atomic write to the user therefore ends all sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Epoch(i64);

impl Epoch {
    /// Restores an epoch from a store.
    #[must_use]
    pub const fn from_stored(count: i64) -> Self {
        Self(count)
    }

    /// Returns the count for a store.
    #[must_use]
    pub const fn as_i64(self) -> i64 {
        self.0
    }

    /// Returns the next epoch.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// The privileges of a user beyond their own account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Role {
    /// No further privileges.
    #[default]
    Member,
    /// Manages other users.
    Administrator,
}

/// Whether a user may sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Standing {
    /// The user may sign in.
    #[default]
    Enabled,
    /// The user may not sign in; the attempt fails as if the password were wrong.
    Disabled,
}

/// An account as stored.
///
/// Every combination of fields is valid, so the fields are public. The use cases and [`User::in_next_epoch`]
/// keep together what must change together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The id.
    pub id: UserId,
    /// The username, unique by its folded form.
    pub name: Username,
    /// The email address, if any. It is not unique, because an address does not prove an identity.
    pub email: Option<EmailAddress>,
    /// When the owner confirmed the address. No secret is sent to an unconfirmed address.
    pub email_confirmed_at: Option<Timestamp>,
    /// The hash of the password.
    pub password_hash: PasswordHash,
    /// The second factor, if one is set up.
    pub second_factor: Option<SecondFactor>,
    /// The privileges.
    pub role: Role,
    /// Whether the user may sign in.
    pub standing: Standing,
    /// Sessions of any other epoch are invalid.
    pub epoch: Epoch,
    /// The number of writes to this record.
    pub revision: Revision,
    /// When the account was created.
    pub created_at: Timestamp,
    /// When the password was last chosen.
    pub password_changed_at: Timestamp,
}

impl User {
    /// Returns the user in the next epoch. Once this is stored, all earlier sessions are invalid.
    #[must_use]
    pub fn in_next_epoch(self) -> Self {
        Self {
            epoch: self.epoch.next(),
            ..self
        }
    }

    /// Returns the address if it is confirmed.
    #[must_use]
    pub fn confirmed_address(&self) -> Option<&EmailAddress> {
        self.email.as_ref().filter(|_| self.email_confirmed_at.is_some())
    }

    /// Returns whether a session of `epoch` may act for this user.
    #[must_use]
    pub fn admits(&self, epoch: Epoch) -> bool {
        self.standing == Standing::Enabled && self.epoch == epoch
    }
}
