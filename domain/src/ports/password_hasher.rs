//! The port for password hashing.

use thiserror::Error;

use crate::password::{Password, PasswordHash};

/// Hashes passwords, slowly on purpose.
///
/// # Contract
/// - Hashing the same password twice gives different hashes; each of them verifies.
/// - Bytes are hashed as they are: no trimming, case folding, normalising, truncating or stopping at NUL.
/// - Work is bounded: a fixed number of hashes run at a time and a fixed number wait. Beyond that, calls
///   return [`HashError::Busy`].
/// - A call may block for the time in the queue and the time of one hash.
pub trait PasswordHasher: Send + Sync {
    /// Hashes a password for storage.
    ///
    /// # Errors
    /// [`HashError::Busy`] or [`HashError::Failed`].
    fn hash(&self, password: &Password) -> Result<PasswordHash, HashError>;

    /// Checks a password against a hash.
    ///
    /// # Errors
    /// Any [`HashError`]; the caller must never treat an error as a match.
    fn verify(&self, password: &Password, hash: &PasswordHash) -> Result<Verdict, HashError>;

    /// Returns a hash with the current parameters that no password matches.
    ///
    /// Verifying against it costs as much as verifying against a new hash.
    fn decoy(&self) -> &PasswordHash;

    /// Returns a hash with the parameters of `stored` that no password matches.
    ///
    /// It is for unknown usernames: verifying against it costs as much as verifying against `stored`. If
    /// `stored` is unreadable, the result is [`decoy`](Self::decoy), which costs the same as an unreadable
    /// hash.
    fn decoy_like(&self, stored: &PasswordHash) -> PasswordHash;
}

/// The result of verifying a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The password is correct.
    Match,
    /// The password is correct, but the hash was made with other than the current parameters and should be
    /// replaced.
    MatchOutdated,
    /// The password is wrong.
    Mismatch,
}

/// Why a password was not hashed or verified.
#[derive(Debug, Error)]
pub enum HashError {
    /// The hasher is at its limit of running and waiting hashes. Nothing was tried; the caller may retry
    /// later.
    #[error("too many passwords are being checked")]
    Busy,
    /// This hasher cannot read the stored hash.
    #[error("the stored password hash is unreadable")]
    Unreadable,
    /// The hasher itself failed.
    #[error("hashing failed")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
}
