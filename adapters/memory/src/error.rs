//! What can go wrong in memory, and its one mapping to the ports' error.

use std::sync::PoisonError;

use kunci_domain::ports::StoreError;
use thiserror::Error;

/// Why a store in memory refuses.
#[derive(Debug, Error)]
pub(crate) enum MemoryError {
    /// As many sessions are kept as may be.
    #[error("all {capacity} places for sessions are taken")]
    Full { capacity: usize },
    /// A panic may have left a change half done, and a half-removed session must not be served.
    #[error("a thread panicked in the middle of a change")]
    Poisoned,
}

impl<T> From<PoisonError<T>> for MemoryError {
    fn from(_: PoisonError<T>) -> Self {
        Self::Poisoned
    }
}

impl From<MemoryError> for StoreError {
    fn from(error: MemoryError) -> Self {
        Self::Unavailable {
            store: "memory",
            source: Box::new(error),
        }
    }
}
