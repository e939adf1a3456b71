//! The port that keeps how much is used of the budgets of names and networks.

use crate::budget::{Budget, BudgetKey};
use crate::ports::StoreError;
use crate::time::Timestamp;

/// Counts attempts against budgets. The domain decides what is counted and how large each budget is.
///
/// An attempt is reserved before it is made. Afterwards it is spent if it failed, or else released.
///
/// # Contract
/// - An unused budget is full.
/// - *No attempt is lost.* Reserved attempts count like spent ones. Of N concurrent attempts on one key, no more
///   are granted than [`Budget`] allows.
/// - *Memory is bounded, and that never makes a budget larger.* Anyone can invent keys. However many were used,
///   a budget grants at most its attempts. It may grant fewer.
/// - A budget is never more than used up, whatever the clock did.
/// - Counts may be lost when the process ends.
///
/// # Errors
/// Returns [`StoreError`] if the throttle fails. The caller then refuses the attempt.
pub trait Throttle: Send + Sync {
    /// Reserves one attempt.
    fn reserve(&self, key: &BudgetKey, budget: Budget, now: Timestamp) -> Result<Taken, StoreError>;

    /// Ends a reservation without a charge, because the attempt did not fail or was not made. Without a
    /// reservation, nothing happens.
    fn release(&self, key: &BudgetKey) -> Result<(), StoreError>;

    /// Ends a reservation and charges the attempt, because it failed.
    fn spend(&self, key: &BudgetKey, budget: Budget, now: Timestamp) -> Result<(), StoreError>;
}

/// The result of [`Throttle::reserve`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Taken {
    /// The attempt may be made.
    Granted,
    /// The budget is used up. The next attempt is possible after this time.
    Refused(std::time::Duration),
}
