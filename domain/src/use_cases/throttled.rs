//! The refusal of every rate limit.

use std::time::Duration;

use thiserror::Error;

/// An attempt was not made, because too many have failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("too many attempts; try again later")]
pub struct Throttled {
    /// Time until the next attempt is possible.
    pub retry_after: Duration,
}
