//! Charges and refunds of the budgets that are stored with an account.

use std::time::Duration;

use super::request_context::RequestContext;
use super::throttled::Throttled;
use super::use_case_error::{Outcome, UseCaseError};
use crate::account_budget::{BudgetKind, BudgetOwner, UsedBudget};
use crate::account_change::{AccountChange, Step};
use crate::budget::Budget;
use crate::ports::{Committed, StoreError};
use crate::time::Timestamp;
use crate::user::Epoch;

/// The budgets of one owner, as a use case changes them.
#[derive(Debug, Clone)]
pub(super) struct StoredBudgets {
    context: RequestContext,
    owner: BudgetOwner,
    epoch: Epoch,
}

/// What a change makes of the time at which a budget is full: that time, or how long to wait instead.
type Changed = Result<Option<Timestamp>, Duration>;

impl StoredBudgets {
    pub(super) const fn new(context: RequestContext, owner: BudgetOwner, epoch: Epoch) -> Self {
        Self {
            context,
            owner,
            epoch,
        }
    }

    /// Charges one attempt to each budget in one commit, or to none of them.
    pub(super) fn charge(&self, budgets: &[(BudgetKind, Budget)]) -> Outcome<(), Throttled> {
        let charged = self.try_charge(budgets)?;
        charged.map_err(|retry_after| UseCaseError::Refused(Throttled { retry_after }))
    }

    /// Charges one attempt as [`charge`](Self::charge) does. Returns how long to wait if a budget is used up.
    pub(super) fn try_charge(
        &self,
        budgets: &[(BudgetKind, Budget)],
    ) -> Result<Result<(), Duration>, StoreError> {
        let now = self.context.now;
        self.change(budgets, |kind, budget, full_at| {
            let charged = budget.after_attempt(full_at, now);
            match kind {
                // A failure that is not counted is one of many.
                BudgetKind::Failures => Ok(charged.ok().or(full_at)),
                _ => charged.map(Some),
            }
        })
    }

    /// Refunds one attempt to each budget in one commit.
    pub(super) fn refund(&self, budgets: &[(BudgetKind, Budget)]) -> Result<(), StoreError> {
        let refunded = |_, budget: Budget, full_at: Option<Timestamp>| {
            let full_at = full_at.map(|at| budget.after_refund(at));
            Ok(full_at.filter(|at| self.context.now < *at))
        };
        self.change(budgets, refunded).map(drop)
    }

    /// Returns how many attempts of a budget are used, and makes it full.
    pub(super) fn reset(&self, kind: BudgetKind, budget: Budget) -> Result<u32, StoreError> {
        let used = budget.used(self.read(kind)?.1, self.context.now);
        if 0 < used {
            self.change(&[(kind, budget)], |_, _, _| Ok(None)).map(drop)?;
        }
        Ok(used)
    }

    /// Changes budgets in one commit. If one of them makes the caller wait, all stay as they are, except that
    /// times which are too late since the clock was set back are corrected.
    fn change(
        &self,
        budgets: &[(BudgetKind, Budget)],
        change: impl Fn(BudgetKind, Budget, Option<Timestamp>) -> Changed,
    ) -> Result<Result<(), Duration>, StoreError> {
        loop {
            let (mut changed, mut corrected) = (AccountChange::new(), AccountChange::new());
            let mut outcome = Ok(());
            for &(kind, budget) in budgets {
                let (from, full_at) = self.read(kind)?;
                let settled = full_at.map(|at| Budget::settled(at, budget.span(), self.context.now));
                corrected = corrected.with(&self.write(kind, from, settled));
                match change(kind, budget, settled) {
                    Ok(to) => changed = changed.with(&self.write(kind, from, to)),
                    Err(wait) => outcome = Err(wait),
                }
            }
            let change = if outcome.is_ok() { changed } else { corrected };
            // An account that is gone has no budgets to change.
            if change.steps().is_empty()
                || self.context.core.accounts.commit(&change, self.context.now)? != Committed::Stale
            {
                return Ok(outcome);
            }
        }
    }

    /// Returns a budget as it is stored, and when it is full.
    fn read(&self, kind: BudgetKind) -> Result<(Option<UsedBudget>, Option<Timestamp>), StoreError> {
        let stored = self.context.core.accounts.find_budget(&self.owner, kind)?;
        let used = stored.filter(|used| used.epoch == self.epoch_of(kind));
        Ok((stored, used.map(|used| used.full_at)))
    }

    /// Returns the step that writes a budget, if it changes anything.
    fn write(&self, kind: BudgetKind, from: Option<UsedBudget>, to: Option<Timestamp>) -> Vec<Step> {
        let epoch = self.epoch_of(kind);
        let to = to.map(|full_at| UsedBudget { full_at, epoch });
        let step = Step::WriteBudget {
            owner: self.owner,
            kind,
            from,
            to,
        };
        if from == to { Vec::new() } else { vec![step] }
    }

    /// Returns the epoch that a budget is bound to.
    fn epoch_of(&self, kind: BudgetKind) -> Epoch {
        match kind {
            BudgetKind::KnownDevices => self.epoch,
            _ => Epoch::default(),
        }
    }
}
