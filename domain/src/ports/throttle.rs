//! The port that keeps how much of each budget is used.

use crate::budget::{Budget, BudgetKey};
use crate::ports::StoreError;
use crate::time::Timestamp;

/// Counts attempts against budgets. The domain decides what is counted and how large each budget is.
///
/// # Contract
/// - An unused budget is full.
/// - *No attempt is lost.* N concurrent attempts on one key use up N, and no more are granted than [`Budget`]
///   allows.
/// - Memory is bounded. If there is no room, the budgets that are nearly full again are dropped first, so
///   that an attacker who floods the throttle with new keys cannot reset a used budget.
/// - Counts may be lost when the process ends.
///
/// # Errors
/// Returns [`StoreError`] if the throttle fails. The caller then refuses the attempt.
pub trait Throttle: Send + Sync {
    /// Charges one attempt.
    fn take(&self, key: &BudgetKey, budget: Budget, now: Timestamp) -> Result<Taken, StoreError>;

    /// Refunds one granted attempt, because it did not fail.
    fn give_back(&self, key: &BudgetKey, budget: Budget, now: Timestamp) -> Result<(), StoreError>;

    /// Returns how many attempts are used up at `now`.
    fn used(&self, key: &BudgetKey, budget: Budget, now: Timestamp) -> Result<u32, StoreError>;

    /// Resets a budget to full.
    fn forget(&self, key: &BudgetKey) -> Result<(), StoreError>;
}

/// The result of [`Throttle::take`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Taken {
    /// The attempt may be made.
    Granted,
    /// The budget is used up. The next attempt is possible after this time.
    Refused(std::time::Duration),
}
