//! The port that says whether a store can do all its work.

use std::fmt::Debug;

use crate::ports::StoreError;

/// Reports a store that answers, but refuses a part of its work, to supervisors and load balancers.
pub trait Health: Debug + Send + Sync {
    /// Returns whether the store accepts every kind of write.
    ///
    /// # Errors
    /// [`StoreError`] with the reason if it does not.
    fn check(&self) -> Result<(), StoreError>;
}
