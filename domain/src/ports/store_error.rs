//! The error of every store.

use thiserror::Error;

/// The underlying cause of a failure. It belongs in the log, never in a response.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// A store failed. Expected outcomes (`Gone`, `Taken`, `Stale`) are return values, not errors.
///
/// Callers treat every store error as a refusal: no session is accepted after an error.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The store is unreachable, locked, full, read-only or shutting down. As far as the store knows, nothing
    /// was written. Retrying later may help.
    #[error("{store} is unavailable")]
    Unavailable {
        /// Name of the adapter that failed.
        store: &'static str,
        /// The cause.
        source: Cause,
    },
    /// The acknowledgement of a write was lost. The write had no effect or its full effect, and the store does
    /// not know which. Callers report a failure and do not repeat the write.
    #[error("{store} did not acknowledge a write")]
    OutcomeUnknown {
        /// Name of the adapter that failed.
        store: &'static str,
        /// The cause.
        source: Cause,
    },
    /// A record exists but cannot be read. Retrying does not help.
    #[error("{store} holds a record that cannot be read")]
    Corrupt {
        /// Name of the adapter that failed.
        store: &'static str,
        /// The cause.
        source: Cause,
    },
}
