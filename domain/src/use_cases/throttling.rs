//! Rate limits of attempts. An attempt is charged before it is made, so that parallel attempts cannot exceed
//! the limits.
//!
//! An attempt to authenticate is charged to the account in each network of the client, to these networks as a
//! whole, and to the account as a whole. Known devices of the account share one budget instead, so that an
//! attacker cannot use up the owner's (OWASP ASVS 5.0, 6.3.1). Unknown names are charged like known ones.

use std::time::Duration;

use super::request_context::RequestContext;
use super::stored_budgets::StoredBudgets;
pub(super) use super::throttled::Throttled;
use super::use_case_error::{Outcome, UseCaseError};
use crate::account_budget::{BudgetKind, BudgetOwner};
use crate::budget::{Budget, BudgetKey, Network};
use crate::email::EmailAddress;
use crate::known_device::KnownDevices;
use crate::ports::{StoreError, Taken};
use crate::user::{Epoch, UserId};
use crate::username::{Username, fold};

/// Failures per account are counted with this budget, and decay at its rate.
const FAILURES: Budget = Budget {
    at_once: 100,
    every: Duration::from_secs(3_600),
};
const MANY_FAILURES: u32 = 5;

/// An attempt to authenticate: the account, and the client that makes it.
#[derive(Debug, Clone)]
pub(super) struct Attempt {
    context: RequestContext,
    account: String,
    stored: StoredBudgets,
    is_known: bool,
}

impl Attempt {
    /// Describes an attempt on the account with a name. `user` is `None` if there is no such account.
    pub(super) fn new(
        context: &RequestContext,
        name: &str,
        user: Option<(UserId, Epoch)>,
        devices: &dyn KnownDevices,
    ) -> Self {
        let account = folded(name);
        let owner = user.map_or_else(|| unknown_name(&account), |(id, _)| BudgetOwner::Account(id));
        let epoch = user.map(|(_, epoch)| epoch).unwrap_or_default();
        Self {
            context: context.clone(),
            account,
            stored: StoredBudgets::new(context.clone(), owner, epoch),
            is_known: user.is_some_and(|(id, epoch)| devices.knows(id, epoch)),
        }
    }

    /// Returns whether the device is known to the account.
    pub(super) const fn is_known(&self) -> bool {
        self.is_known
    }

    /// Charges an attempt with a password or an equivalent of it.
    pub(super) fn charge(&self) -> Outcome<Charge, Throttled> {
        let budgets = &self.context.core.account_policy.budgets;
        let charge = Charge::empty(self.context.clone());
        if self.is_known {
            return charge.and_attempt(&self.stored, Some((BudgetKind::KnownDevices, budgets.account)));
        }
        let in_all = budgets.all_networks.map(|budget| (BudgetKind::Guesses, budget));
        charge
            .and_in_networks("account", &[self.account.as_bytes()], budgets.account)?
            .and_in_networks("network", &[], budgets.network)?
            .and_attempt(&self.stored, in_all)
    }

    /// Charges an attempt with a code of the second factor.
    ///
    /// Such an attempt follows a correct password, so the account as a whole has a further budget that
    /// strangers cannot use up. All known devices of the account share a separate one, because someone who
    /// knew the password before the second factor was set up may have created many.
    pub(super) fn charge_code(&self) -> Outcome<Charge, Throttled> {
        let budgets = &self.context.core.account_policy.budgets;
        let charge = Charge::empty(self.context.clone());
        if self.is_known {
            return charge.and_attempt(
                &self.stored,
                Some((BudgetKind::CodesOnKnownDevices, budgets.codes)),
            );
        }
        charge
            .and_in_networks("network", &[], budgets.network)?
            .and_attempt(&self.stored, Some((BudgetKind::Codes, budgets.codes)))
    }

    /// Returns whether many attempts failed before this one succeeded, and resets the count.
    pub(super) fn take_many_failures(&self) -> Result<bool, StoreError> {
        Ok(MANY_FAILURES <= self.stored.reset(BudgetKind::Failures, FAILURES)?)
    }
}

/// Charged attempts. They count as failed unless they are refunded.
pub(super) struct Charge {
    context: RequestContext,
    reserved: Vec<(BudgetKey, Budget)>,
    stored: Option<(StoredBudgets, Vec<(BudgetKind, Budget)>)>,
}

impl Charge {
    const fn empty(context: RequestContext) -> Self {
        Self {
            context,
            reserved: Vec::new(),
            stored: None,
        }
    }

    /// Charges one attempt to the client's networks.
    pub(super) fn to_network(context: &RequestContext) -> Outcome<Self, Throttled> {
        let budget = context.core.account_policy.budgets.network;
        Self::empty(context.clone()).and_in_networks("network", &[], budget)
    }

    /// Charges one requested mail to the client's networks.
    pub(super) fn mail(context: &RequestContext) -> Outcome<Self, Throttled> {
        let budget = context.core.account_policy.budgets.mails;
        Self::empty(context.clone()).and_in_networks("mails from", &[], budget)
    }

    /// Charges one sign-up to the client's networks.
    pub(super) fn sign_up(context: &RequestContext) -> Outcome<Self, Throttled> {
        let budget = context.core.account_policy.budgets.sign_ups;
        Self::empty(context.clone()).and_in_networks("sign-ups", &[], budget)
    }

    /// Charges one confirmation mail to the account that requests it as well.
    pub(super) fn also_confirmation(self, user: UserId) -> Outcome<Self, Throttled> {
        let budget = self.context.core.account_policy.budgets.confirmations;
        let stored = mail_budgets(&self.context, BudgetOwner::Account(user));
        self.and_stored(&stored, vec![(BudgetKind::Confirmations, budget)])
    }

    /// Charges the confirmation mail of a sign-up to the new account and to the address. Returns whether it may
    /// be sent.
    pub(super) fn first_mail_to(
        context: &RequestContext,
        user: UserId,
        address: &EmailAddress,
    ) -> Result<bool, StoreError> {
        let budget = context.core.account_policy.budgets.confirmations;
        let account = mail_budgets(context, BudgetOwner::Account(user));
        // The budget of a new account is full.
        let _ = account.try_charge(&[(BudgetKind::Confirmations, budget)])?;
        Self::mail_to(context, address)
    }

    /// Charges one confirmation mail to its address, for all clients together. Returns whether it may be sent.
    pub(super) fn mail_to(context: &RequestContext, address: &EmailAddress) -> Result<bool, StoreError> {
        let budget = context.core.account_policy.budgets.confirmations;
        // Whether an account has the address makes no difference, because time would reveal it.
        let mailbox = BudgetKey::new("mailbox", &[address.mailbox().as_bytes()]);
        let stored = mail_budgets(context, BudgetOwner::Unknown(mailbox));
        Ok(stored
            .try_charge(&[(BudgetKind::MailsToAddress, budget)])?
            .is_ok())
    }

    /// Charges one reset mail to an account, for all clients together. Returns whether it may be sent.
    pub(super) fn reset_mail_for(context: &RequestContext, owner: BudgetOwner) -> Result<bool, StoreError> {
        let budget = context.core.account_policy.budgets.resets();
        let stored = mail_budgets(context, owner);
        Ok(stored.try_charge(&[(BudgetKind::ResetMails, budget)])?.is_ok())
    }

    /// Charges units of visitors' session data to the client's networks and to all visitors together.
    pub(super) fn visitor_session(context: &RequestContext, units: usize) -> Outcome<Self, Throttled> {
        let budgets = &context.core.account_policy.budgets;
        let mut charge = Self::empty(context.clone());
        for _ in 0..units {
            charge = charge
                .and_in_networks("visitors of", &[], budgets.visitors)?
                .also("visitors", &[], budgets.all_visitors)?;
        }
        Ok(charge)
    }

    /// Charges one attempt to a further budget in each network of the client. Larger networks have a multiple of
    /// the budget.
    fn and_in_networks(mut self, kind: &str, parts: &[&[u8]], budget: Budget) -> Outcome<Self, Throttled> {
        for network in Network::all_of(self.context.device.address()) {
            let parts = [parts, &[network.as_bytes()]].concat();
            self = self.also(kind, &parts, network.share_of(budget))?;
        }
        Ok(self)
    }

    /// Charges one attempt to a further budget. If that is used up, the earlier charges are refunded.
    pub(super) fn also(mut self, kind: &str, parts: &[&[u8]], budget: Budget) -> Outcome<Self, Throttled> {
        let key = BudgetKey::new(kind, parts);
        match self
            .context
            .core
            .throttle
            .reserve(&key, budget, self.context.now)?
        {
            Taken::Granted => {
                self.reserved.push((key, budget));
                Ok(self)
            }
            Taken::Refused(retry_after) => {
                self.refund()?;
                Err(UseCaseError::Refused(Throttled { retry_after }))
            }
        }
    }

    /// Charges one attempt to a budget that is stored with an account, and counts it as a failure.
    fn and_attempt(
        self,
        stored: &StoredBudgets,
        budget: Option<(BudgetKind, Budget)>,
    ) -> Outcome<Self, Throttled> {
        let failures = (BudgetKind::Failures, FAILURES);
        self.and_stored(stored, budget.into_iter().chain([failures]).collect())
    }

    /// Charges one attempt to stored budgets. If one of them is used up, the earlier charges are refunded.
    fn and_stored(
        mut self,
        stored: &StoredBudgets,
        budgets: Vec<(BudgetKind, Budget)>,
    ) -> Outcome<Self, Throttled> {
        if let Err(refused) = stored.charge(&budgets) {
            self.refund()?;
            return Err(refused);
        }
        self.stored = Some((stored.clone(), budgets));
        Ok(self)
    }

    /// Keeps all charges, because the attempt is limited whether it fails or not.
    pub(super) fn spend(mut self) -> Result<(), StoreError> {
        self.spend_reserved()
    }

    fn spend_reserved(&mut self) -> Result<(), StoreError> {
        for (key, budget) in self.reserved.drain(..) {
            self.context.core.throttle.spend(&key, budget, self.context.now)?;
        }
        Ok(())
    }

    /// Refunds all charges, because the attempt did not fail or was not made.
    pub(super) fn refund(mut self) -> Result<(), StoreError> {
        for (key, _) in self.reserved.drain(..) {
            self.context.core.throttle.release(&key)?;
        }
        match self.stored.take() {
            Some((stored, budgets)) => stored.refund(&budgets),
            None => Ok(()),
        }
    }
}

impl Drop for Charge {
    /// Spends what was not refunded. If the throttle fails, the attempts stay reserved, which counts the same.
    fn drop(&mut self) {
        let _ = self.spend_reserved();
    }
}

/// Returns the owner of the budgets of a name without an account.
pub(super) fn unknown_name(folded: &str) -> BudgetOwner {
    BudgetOwner::Unknown(BudgetKey::new("name", &[folded.as_bytes()]))
}

/// Returns the budgets of an owner's mails. They do not depend on the epoch.
fn mail_budgets(context: &RequestContext, owner: BudgetOwner) -> StoredBudgets {
    StoredBudgets::new(context.clone(), owner, Epoch::default())
}

/// Returns one text for all names of the same account; a text that is not a valid name is only folded.
pub(super) fn folded(name: &str) -> String {
    match Username::parse(name) {
        Ok(name) => name.folded().to_owned(),
        Err(_) => fold(name.trim()),
    }
}
