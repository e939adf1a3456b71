//! The port for the time of day.

use crate::time::Timestamp;

/// A clock. It is read at the edge only: use cases take `now` as an argument.
pub trait Clock: Send + Sync {
    /// Returns the current time.
    ///
    /// Two readings may be equal, and a reading may be earlier than the previous one if the clock was set
    /// back. Expiry is always the stored time compared with this value.
    fn now(&self) -> Timestamp;
}
