//! Errors of the stores in memory, and their mapping to [`StoreError`].

use std::sync::PoisonError;

use kunci_domain::ports::StoreError;
use thiserror::Error;

/// An error of a store in memory.
#[derive(Debug, Error)]
pub(crate) enum MemoryError {
    /// The session store has reached its capacity.
    #[error("the session store is full: it holds {capacity} sessions")]
    Full { capacity: usize },
    /// A panic may have left a write half done. All further calls fail, because a half-removed session
    /// must not be served.
    #[error("a thread panicked during a write, so the data may be inconsistent")]
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
