//! Rate limits of attempts. An attempt is charged before it is made, so that parallel attempts cannot exceed
//! the limits.
//!
//! An attempt to authenticate is charged to the account in one network and to the network as a whole. A
//! device that is known to the account has its own budget instead, so that an attacker cannot use up the
//! owner's (OWASP ASVS 5.0, 6.3.1). Unknown names are charged like known ones.

use std::time::Duration;

use super::request_context::RequestContext;
pub(super) use super::throttled::Throttled;
use super::use_case_error::{Outcome, UseCaseError};
use crate::budget::{Budget, BudgetKey, Network};
use crate::email::EmailAddress;
use crate::known_device::DeviceId;
use crate::ports::{StoreError, Taken};
use crate::user::UserId;
use crate::username::{Username, fold};

/// Failures per account are counted with this budget, and decay at its rate.
const FAILURES: Budget = Budget {
    at_once: 100,
    every: Duration::from_secs(3_600),
};
const MANY_FAILURES: u32 = 5;

/// The kind of budget that limits the confirmation mails of one account.
const CONFIRMATIONS: &str = "mails to confirm";

/// An attempt to authenticate: the account, and the client that makes it.
#[derive(Debug, Clone)]
pub(super) struct Attempt {
    context: RequestContext,
    account: String,
    network: Network,
    known: Option<DeviceId>,
}

impl Attempt {
    /// Describes an attempt on the account with a name, whether it exists or not.
    pub(super) fn new(context: &RequestContext, name: &str, known: Option<DeviceId>) -> Self {
        Self {
            context: context.clone(),
            account: folded(name),
            network: Network::of(context.device.address()),
            known,
        }
    }

    /// Returns whether the device is known to the account.
    pub(super) const fn is_known(&self) -> bool {
        self.known.is_some()
    }

    /// Charges an attempt with a password or an equivalent of it.
    pub(super) fn charge(&self) -> Outcome<Charge, Throttled> {
        let budgets = &self.context.core.account_policy.budgets;
        let account = self.account.as_bytes();
        let mut charge = Charge::empty(&self.context);
        if let Some(known) = &self.known {
            charge.add(key("device", &[account, known.as_bytes()]), budgets.account)?;
        } else {
            let network = self.network.as_bytes();
            charge.add(key("account", &[account, network]), budgets.account)?;
            charge.add(key("network", &[network]), budgets.network)?;
        }
        Ok(charge)
    }

    /// Charges an attempt with a code of the second factor.
    ///
    /// Such an attempt follows a correct password, so the account as a whole has a further budget that
    /// strangers cannot use up. All known devices of the account share a separate one, because someone who
    /// knew the password before the second factor was set up may have created many.
    pub(super) fn charge_code(&self) -> Outcome<Charge, Throttled> {
        let kind = if self.is_known() {
            "codes on known devices"
        } else {
            "codes"
        };
        let charge = self.charge()?;
        charge.also(
            kind,
            &[self.account.as_bytes()],
            self.context.core.account_policy.budgets.codes,
        )
    }

    /// Records a failure, so that the owner can be notified of many.
    pub(super) fn record_failure(&self) -> Result<(), StoreError> {
        // If the budget is used up, there are many failures already.
        let throttle = &self.context.core.throttle;
        let _ = throttle.take(&self.failures(), FAILURES, self.context.now)?;
        Ok(())
    }

    /// Returns whether many attempts failed before this one succeeded, and resets the count.
    pub(super) fn take_many_failures(&self) -> Result<bool, StoreError> {
        let throttle = &self.context.core.throttle;
        let used = throttle.used(&self.failures(), FAILURES, self.context.now)?;
        if 0 < used {
            throttle.forget(&self.failures())?;
        }
        Ok(MANY_FAILURES <= used)
    }

    fn failures(&self) -> BudgetKey {
        key("failures", &[self.account.as_bytes()])
    }
}

/// Charged attempts, which can be refunded.
pub(super) struct Charge {
    context: RequestContext,
    taken: Vec<(BudgetKey, Budget)>,
}

impl Charge {
    fn empty(context: &RequestContext) -> Self {
        Self {
            context: context.clone(),
            taken: Vec::new(),
        }
    }

    /// Charges one attempt to the client's network.
    pub(super) fn to_network(context: &RequestContext) -> Outcome<Self, Throttled> {
        let budget = context.core.account_policy.budgets.network;
        Self::of_network(context, "network", budget)
    }

    /// Charges one requested mail to the client's network.
    pub(super) fn mail(context: &RequestContext) -> Outcome<Self, Throttled> {
        let budget = context.core.account_policy.budgets.mails;
        Self::of_network(context, "mails from", budget)
    }

    /// Charges one sign-up to the client's network.
    pub(super) fn sign_up(context: &RequestContext) -> Outcome<Self, Throttled> {
        let budget = context.core.account_policy.budgets.sign_ups;
        Self::of_network(context, "sign-ups", budget)
    }

    /// Charges one confirmation mail to the account that requests it as well.
    pub(super) fn also_confirmation(self, user: UserId) -> Outcome<Self, Throttled> {
        let budget = self.context.core.account_policy.budgets.confirmations;
        self.also(CONFIRMATIONS, &[&user.as_i64().to_be_bytes()], budget)
    }

    /// Charges the confirmation mail of a sign-up to the new account and to the address. Returns whether it may
    /// be sent.
    pub(super) fn first_mail_to(
        context: &RequestContext,
        user: UserId,
        address: &EmailAddress,
    ) -> Result<bool, StoreError> {
        let budget = context.core.account_policy.budgets.confirmations;
        // The budget of a new account is full.
        Self::is_granted(context, CONFIRMATIONS, &user.as_i64().to_be_bytes(), budget)?;
        Self::mail_to(context, address)
    }

    /// Charges one confirmation mail to its address, whoever requests it. Returns whether it may be sent.
    pub(super) fn mail_to(context: &RequestContext, address: &EmailAddress) -> Result<bool, StoreError> {
        let budget = context.core.account_policy.budgets.confirmations;
        Self::is_granted(context, "mails to", address.mailbox().as_bytes(), budget)
    }

    /// Charges one reset mail to an account, whoever requests it. Returns whether it may be sent.
    ///
    /// The key is the account's name: with the text of the request as the key, name and address would each
    /// have a budget.
    pub(super) fn reset_mail_for(context: &RequestContext, account: &str) -> Result<bool, StoreError> {
        let budget = context.core.account_policy.budgets.resets();
        Self::is_granted(context, "mails for", account.as_bytes(), budget)
    }

    fn is_granted(
        context: &RequestContext,
        kind: &str,
        part: &[u8],
        budget: Budget,
    ) -> Result<bool, StoreError> {
        let taken = context
            .core
            .throttle
            .take(&key(kind, &[part]), budget, context.now)?;
        Ok(taken == Taken::Granted)
    }

    /// Charges units of visitors' session data to the client's network and to all visitors together.
    pub(super) fn visitor_session(context: &RequestContext, units: usize) -> Outcome<Self, Throttled> {
        let budgets = &context.core.account_policy.budgets;
        let network = Network::of(context.device.address());
        let mut charge = Self::empty(context);
        for _ in 0..units {
            charge.add(key("visitors of", &[network.as_bytes()]), budgets.visitors)?;
            charge.add(key("visitors", &[]), budgets.all_visitors)?;
        }
        Ok(charge)
    }

    fn of_network(context: &RequestContext, kind: &str, budget: Budget) -> Outcome<Self, Throttled> {
        let network = Network::of(context.device.address());
        Self::empty(context).also(kind, &[network.as_bytes()], budget)
    }

    /// Charges one attempt to a further budget. If that is used up, the earlier charges are refunded.
    pub(super) fn also(mut self, kind: &str, parts: &[&[u8]], budget: Budget) -> Outcome<Self, Throttled> {
        self.add(key(kind, parts), budget)?;
        Ok(self)
    }

    fn add(&mut self, key: BudgetKey, budget: Budget) -> Outcome<(), Throttled> {
        match self.context.core.throttle.take(&key, budget, self.context.now)? {
            Taken::Granted => {
                self.taken.push((key, budget));
                Ok(())
            }
            Taken::Refused(retry_after) => {
                self.refund_all()?;
                Err(UseCaseError::Refused(Throttled { retry_after }))
            }
        }
    }

    /// Refunds all charges, because the attempt did not fail or was not made.
    pub(super) fn refund(mut self) -> Result<(), StoreError> {
        self.refund_all()
    }

    fn refund_all(&mut self) -> Result<(), StoreError> {
        for (key, budget) in self.taken.drain(..) {
            self.context
                .core
                .throttle
                .give_back(&key, budget, self.context.now)?;
        }
        Ok(())
    }
}

/// Returns one text for all names of the same account; a text that is not a valid name is only folded.
pub(super) fn folded(name: &str) -> String {
    match Username::parse(name) {
        Ok(name) => name.folded().to_owned(),
        Err(_) => fold(name),
    }
}

fn key(kind: &str, parts: &[&[u8]]) -> BudgetKey {
    BudgetKey::new(kind, parts)
}
