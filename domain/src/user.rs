//! Accounts: who may sign in, and the epoch that ends their sessions.

use std::fmt;

use crate::email::EmailAddress;
use crate::password::PasswordHash;
use crate::ports::{Entropy, EntropyError};
use crate::revision::Revision;
use crate::second_factor::SecondFactor;
use crate::time::Timestamp;
use crate::username::Username;

/// Names a user for good, also after a change of name: 63 random bits, so that every store can keep
/// it as a signed 64-bit integer and nobody can count users by it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(i64);

impl UserId {
    /// A new id.
    ///
    /// # Errors
    /// When the source of randomness fails.
    pub fn generate(entropy: &dyn Entropy) -> Result<Self, EntropyError> {
        let mut bytes = [0; 8];
        entropy.fill(&mut bytes)?;
        Ok(Self(i64::from_be_bytes(bytes) & i64::MAX))
    }

    /// An id that a store kept.
    #[must_use]
    pub const fn from_stored(id: i64) -> Self {
        Self(id)
    }

    /// The integer that a store keeps.
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

/// A count that rises whenever a user's rights or secrets change.
///
/// A session carries the epoch in which its user signed in; when the user's has moved on, the
/// session is dead, whichever store holds it. So one atomic write to the user ends all sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Epoch(i64);

impl Epoch {
    /// An epoch that a store kept.
    #[must_use]
    pub const fn from_stored(count: i64) -> Self {
        Self(count)
    }

    /// The count that a store keeps.
    #[must_use]
    pub const fn as_i64(self) -> i64 {
        self.0
    }

    /// The epoch after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// What a user may do beyond their own account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Role {
    /// Nothing.
    #[default]
    Member,
    /// Manage other users.
    Administrator,
}

/// Whether a user may sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Standing {
    /// Yes.
    #[default]
    Enabled,
    /// No; signing in fails as if the password were wrong.
    Disabled,
}

/// One account, as a store keeps it.
///
/// Every combination of fields is valid, hence they are public; what must change together is
/// changed by the use cases and by [`User::in_next_epoch`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// The name it signs in with, unique by its folded form.
    pub name: Username,
    /// Where mail goes, if anywhere. Not unique: an address is no proof of who one is.
    pub email: Option<EmailAddress>,
    /// When its owner showed that mail to the address arrives; nothing secret goes there before.
    pub email_confirmed_at: Option<Timestamp>,
    /// What its password is checked against.
    pub password_hash: PasswordHash,
    /// What is asked for beside the password, if anything.
    pub second_factor: Option<SecondFactor>,
    /// What it may do.
    pub role: Role,
    /// Whether it may sign in.
    pub standing: Standing,
    /// Sessions of another epoch are dead.
    pub epoch: Epoch,
    /// Counts the writes of this record.
    pub revision: Revision,
    /// When it was made.
    pub created_at: Timestamp,
    /// When the password was last chosen.
    pub password_changed_at: Timestamp,
}

impl User {
    /// The same user in the next epoch: all its sessions are dead once this is stored.
    #[must_use]
    pub fn in_next_epoch(self) -> Self {
        Self {
            epoch: self.epoch.next(),
            ..self
        }
    }

    /// The address, when its owner has shown that mail arrives there.
    #[must_use]
    pub fn confirmed_address(&self) -> Option<&EmailAddress> {
        self.email.as_ref().filter(|_| self.email_confirmed_at.is_some())
    }

    /// Whether a session of `epoch` may still act for this user.
    #[must_use]
    pub fn admits(&self, epoch: Epoch) -> bool {
        self.standing == Standing::Enabled && self.epoch == epoch
    }
}
