//! What can go wrong in any store.

use thiserror::Error;

/// What lies behind a store's failure, for the log and never for a client.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// A store could not do its work. Outcomes that a caller expects (`Gone`, `Taken`, `Stale`) are values instead.
///
/// Whatever it is, a caller treats it as a refusal: no session is accepted on an error.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The store cannot be reached, is locked, full, read-only or shutting down.
    /// Nothing was written as far as the store knows; trying again later may help.
    #[error("{store} is unavailable")]
    Unavailable {
        /// Which adapter says so.
        store: &'static str,
        /// Why.
        source: Cause,
    },
    /// A record is there but makes no sense. Trying again will not help.
    #[error("{store} holds a record that cannot be read")]
    Corrupt {
        /// Which adapter says so.
        store: &'static str,
        /// Why.
        source: Cause,
    },
}
