//! Errors of creating a hasher, and the mapping of later errors to the port's `HashError`.

use kunci_domain::ports::{Cause, HashError};
use thiserror::Error;

use crate::cost::Cost;
use crate::pool::PoolError;

/// The hasher cannot be created.
#[derive(Debug, Error)]
pub enum SetUpError {
    /// Argon2 does not support this cost. See the minimum of each field of [`Cost`].
    #[error("Argon2 does not support this cost")]
    Cost(#[source] Cause),
    /// The cost exceeds [`Cost::MAX_MEMORY_KIB`] or [`Cost::MAX_KIB_PASSES`], so the hashes would be
    /// unreadable.
    #[error(
        "the cost exceeds {} KiB of memory, or {} KiB times passes",
        Cost::MAX_MEMORY_KIB,
        Cost::MAX_KIB_PASSES
    )]
    TooCostly,
    /// Random bytes for the decoy are unavailable.
    #[error("cannot create the decoy hash")]
    Decoy(#[source] Cause),
}

pub(crate) fn failed(cause: impl Into<Cause>) -> HashError {
    HashError::Failed(cause.into())
}

pub(crate) fn from_pool(error: PoolError) -> HashError {
    match error {
        PoolError::Full => HashError::Busy,
        PoolError::NoThread(_) | PoolError::Panicked => failed(error),
    }
}
