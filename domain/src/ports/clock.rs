//! The port for the time of day.

use crate::time::Timestamp;

/// Tells the time. Read at the edge only: use cases take `now` as an argument.
pub trait Clock: Send + Sync {
    /// The time now. Two readings may be equal, and a clock that is set back may go backwards;
    /// expiry is always the stored time compared with this.
    fn now(&self) -> Timestamp;
}
