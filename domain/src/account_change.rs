//! A change of accounts as a value: a list of steps that a store applies in one transaction, all or none.

use crate::account_budget::{BudgetKind, BudgetOwner, UsedBudget};
use crate::event::Event;
use crate::one_time_token::{LinkKey, OneTimeToken, Purpose};
use crate::user::{User, UserId};

/// One step of an [`AccountChange`], with its precondition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Requires that the store has no user at all.
    RequireNoUsers,
    /// Inserts a user. Requires that neither the name nor the id is taken.
    InsertUser(User),
    /// Replaces everything but the id, name and creation time of a user. Requires the revision that the caller
    /// read, which is `user.revision`. The stored user then has the next revision.
    ReplaceUser(User),
    /// Deletes a user with all their links, budgets and all events whose target they are. Requires that the user exists.
    DeleteUser(UserId),
    /// Inserts a link. Requires that no live link has its key. If a dead link has it, the store either replaces
    /// that link or refuses the step.
    ///
    /// A link that acts on an account first revokes all others of the same account and purpose, live or not
    /// (OWASP ASVS 5.0, 6.6.2), if the purpose [has one link](Purpose::has_one_link).
    IssueLink(OneTimeToken),
    /// Spends one use of a link. Requires that it is live and has this purpose.
    SpendLink(LinkKey, Purpose),
    /// Revokes a link, which removes it. Requires that it is live.
    RevokeLink(LinkKey),
    /// Revokes all links of a purpose, live or not, which removes them. Requires nothing.
    RevokeLinksFor(Purpose),
    /// Appends an event. Requires nothing, not even that the actor or the target exists.
    AppendEvent(Event),
    /// Writes a budget. Requires that the store has it as `from`, where `None` is a full budget, and that the
    /// account of the owner exists.
    WriteBudget {
        /// Whose budget it is.
        owner: BudgetOwner,
        /// What it counts.
        kind: BudgetKind,
        /// The budget as the caller read it.
        from: Option<UsedBudget>,
        /// The budget as it will be.
        to: Option<UsedBudget>,
    },
}

/// Steps that belong together. A store applies them in order and in one transaction.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AccountChange {
    steps: Vec<Step>,
}

impl AccountChange {
    /// Returns a change without steps, which always succeeds.
    #[must_use]
    pub const fn new() -> Self {
        Self { steps: Vec::new() }
    }

    /// Returns the same change with one more step.
    #[must_use]
    pub fn and(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    /// Returns the same change with more steps.
    #[must_use]
    pub fn with(mut self, steps: &[Step]) -> Self {
        self.steps.extend_from_slice(steps);
        self
    }

    /// Returns the steps in order.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }
}

impl From<Step> for AccountChange {
    fn from(step: Step) -> Self {
        Self { steps: vec![step] }
    }
}
