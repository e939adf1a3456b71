//! The port for keeping how much of each budget is used up.

use crate::budget::{Budget, BudgetKey};
use crate::ports::StoreError;
use crate::time::Timestamp;

/// Counts attempts against budgets; how large these are and what is counted is the domain's affair.
///
/// # Contract
/// - A budget that nobody has used is whole.
/// - *No attempt is lost.* N attempts at one key at the same time use up N, and no more are granted than
///   [`Budget`] allows.
/// - Its memory is bounded. When there is no room, budgets that are nearly whole are forgotten first, so
///   that whoever makes up keys by the thousand frees nobody's.
/// - It may forget everything when the process ends.
///
/// # Errors
/// [`StoreError`] when it fails; a caller then refuses the attempt.
pub trait Throttle: Send + Sync {
    /// Takes one attempt.
    fn take(&self, key: &BudgetKey, budget: Budget, now: Timestamp) -> Result<Taken, StoreError>;

    /// Gives an attempt back that was granted, as it has not failed.
    fn give_back(&self, key: &BudgetKey, budget: Budget, now: Timestamp) -> Result<(), StoreError>;

    /// How many attempts are used up at `now`.
    fn used(&self, key: &BudgetKey, budget: Budget, now: Timestamp) -> Result<u32, StoreError>;

    /// Makes a budget whole again.
    fn forget(&self, key: &BudgetKey) -> Result<(), StoreError>;
}

/// What came of [`Throttle::take`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Taken {
    /// Go on.
    Granted,
    /// There is none left; the next one in so long.
    Refused(std::time::Duration),
}
