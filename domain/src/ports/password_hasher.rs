//! The port for password hashing.

use thiserror::Error;

use crate::password::{Password, PasswordHash};

/// Turns passwords into hashes, slowly on purpose.
///
/// # Contract
/// - The same password hashes differently each time; every such hash verifies.
/// - Bytes are hashed as they are: no trimming, folding, normalising, cutting or stopping at NUL.
/// - Work is bounded: at most so many hashes run at a time and so many wait; beyond that `Busy`.
/// - It may block for as long as a hash takes, and the queue before it.
pub trait PasswordHasher: Send + Sync {
    /// Hashes a password that is to be kept.
    ///
    /// # Errors
    /// [`HashError::Busy`] or [`HashError::Failed`].
    fn hash(&self, password: &Password) -> Result<PasswordHash, HashError>;

    /// Checks a password against a hash.
    ///
    /// # Errors
    /// Any [`HashError`]; none of them may be taken for a match.
    fn verify(&self, password: &Password, hash: &PasswordHash) -> Result<Verdict, HashError>;

    /// A hash of today's parameters that no password matches, for names that nobody has:
    /// checking against it costs what a real check costs.
    fn decoy(&self) -> &PasswordHash;
}

/// What came of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is the password.
    Match,
    /// It is the password, but the hash was made with other parameters than those in force,
    /// so it should be replaced.
    MatchOutdated,
    /// It is not.
    Mismatch,
}

/// Why there is no answer.
#[derive(Debug, Error)]
pub enum HashError {
    /// As many hashes run and wait as may. Nothing was tried; the caller may try again later.
    #[error("too many passwords are being checked")]
    Busy,
    /// The stored hash is not one that this hasher can read.
    #[error("the stored password hash is unreadable")]
    Unreadable,
    /// The hasher itself failed.
    #[error("hashing failed")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
}
