//! What can be wrong with a hasher that is being set up. What can go wrong later is the port's `HashError`.

use kunci_domain::ports::{Cause, HashError};
use thiserror::Error;

use crate::cost::Cost;
use crate::pool::PoolError;

/// Why there is no hasher.
#[derive(Debug, Error)]
pub enum SetUpError {
    /// Argon2 knows no such cost: see the minimum of each field of [`Cost`].
    #[error("Argon2 cannot work at this cost")]
    Cost(#[source] Cause),
    /// The hashes would be beyond [`Cost::MAX_MEMORY_KIB`] or [`Cost::MAX_KIB_PASSES`], which bound what
    /// is read back.
    #[error(
        "this cost is beyond {} KiB, or beyond {} KiB times passes",
        Cost::MAX_MEMORY_KIB,
        Cost::MAX_KIB_PASSES
    )]
    TooCostly,
    /// There was no randomness for the decoy.
    #[error("no decoy could be made")]
    Decoy(#[source] Cause),
}

pub(crate) fn failed(cause: impl Into<Cause>) -> HashError {
    HashError::Failed(cause.into())
}

pub(crate) fn unserved(error: PoolError) -> HashError {
    match error {
        PoolError::Full => HashError::Busy,
        PoolError::NoThread(_) | PoolError::Panicked => failed(error),
    }
}
