//! Charging attempts to budgets: before anything is tried, so that parallel attempts cannot outrun them.
//!
//! What may be guessed is charged to the account in one network and to the network as a whole; a device
//! that is known to the account has a budget of its own instead, so that no stranger can use up the owner's
//! (OWASP ASVS 5.0, 6.3.1). An unknown name is charged as a known one is.

use std::time::Duration;

use thiserror::Error;

use super::Core;
use crate::budget::{Budget, BudgetKey, Network};
use crate::known_device::DeviceId;
use crate::ports::{StoreError, Taken};
use crate::session::Device;
use crate::time::Timestamp;
use crate::username::{Username, fold};

/// An attempt was not made at all.
#[derive(Debug, Error)]
pub enum ThrottleError {
    /// Too many failed before it.
    #[error("too many attempts; try again later")]
    Throttled {
        /// When the next one may be made.
        retry_after: Duration,
    },
    /// Attempts cannot be counted, hence none is made.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How many failures are worth telling, and how quickly they are forgotten.
const FAILURES: Budget = Budget {
    at_once: 100,
    every: Duration::from_secs(3_600),
};
const MANY_FAILURES: u32 = 5;

/// Who is guessed at, by whom.
#[derive(Debug, Clone)]
pub(super) struct Target {
    account: String,
    network: Network,
    known: Option<DeviceId>,
}

impl Target {
    /// The account with a name, whether there is one or not, as this client tries it.
    pub(super) fn new(name: &str, device: &Device, known: Option<DeviceId>) -> Self {
        Self {
            account: folded(name),
            network: Network::of(device.address()),
            known,
        }
    }

    /// Whether the account has seen this device before.
    pub(super) const fn is_known(&self) -> bool {
        self.known.is_some()
    }

    /// Charges a guess at a password or at anything else that stands for the account.
    pub(super) fn charge<'c>(&self, core: &'c Core, now: Timestamp) -> Result<Charge<'c>, ThrottleError> {
        let budgets = &core.accounts.budgets;
        let account = self.account.as_bytes();
        let mut charge = Charge::none(core, now);
        if let Some(known) = &self.known {
            charge.add(key("device", &[account, known.as_bytes()]), budgets.account)?;
        } else {
            let network = self.network.as_bytes();
            charge.add(key("account", &[account, network]), budgets.account)?;
            charge.add(key("network", &[network]), budgets.network)?;
        }
        Ok(charge)
    }

    /// Charges a guess at a code of the second factor. Whoever gets here has the password, so that the
    /// account as a whole has a budget, too: a stranger cannot use it up. All known devices together have
    /// one more, as whoever had the password before there was a second factor may have made many known.
    pub(super) fn charge_code<'c>(
        &self,
        core: &'c Core,
        now: Timestamp,
    ) -> Result<Charge<'c>, ThrottleError> {
        let kind = if self.is_known() {
            "codes on known devices"
        } else {
            "codes"
        };
        let charge = self.charge(core, now)?;
        charge.and(kind, &[self.account.as_bytes()], core.accounts.budgets.codes)
    }

    /// Notes a failure, to tell the owner of many.
    pub(super) fn note_failure(&self, core: &Core, now: Timestamp) -> Result<(), StoreError> {
        // Beyond the budget there are many failures already.
        let _ = core.throttle.take(&self.failures(), FAILURES, now)?;
        Ok(())
    }

    /// Whether many attempts failed before this one succeeded; they are forgotten with that.
    pub(super) fn take_many_failures(&self, core: &Core, now: Timestamp) -> Result<bool, StoreError> {
        let used = core.throttle.used(&self.failures(), FAILURES, now)?;
        if 0 < used {
            core.throttle.forget(&self.failures())?;
        }
        Ok(MANY_FAILURES <= used)
    }

    fn failures(&self) -> BudgetKey {
        key("failures", &[self.account.as_bytes()])
    }
}

/// Attempts that were charged, and can be given back.
pub(super) struct Charge<'c> {
    core: &'c Core,
    now: Timestamp,
    taken: Vec<(BudgetKey, Budget)>,
}

impl<'c> Charge<'c> {
    const fn none(core: &'c Core, now: Timestamp) -> Self {
        Self {
            core,
            now,
            taken: Vec::new(),
        }
    }

    /// Charges one attempt to the network of a client.
    pub(super) fn to_network(core: &'c Core, device: &Device, now: Timestamp) -> Result<Self, ThrottleError> {
        let network = Network::of(device.address());
        Self::one(
            core,
            "network",
            &[network.as_bytes()],
            core.accounts.budgets.network,
            now,
        )
    }

    /// Charges one mail to the network of the client that asks for it.
    pub(super) fn mail(core: &'c Core, device: &Device, now: Timestamp) -> Result<Self, ThrottleError> {
        let network = Network::of(device.address());
        Self::one(
            core,
            "mails from",
            &[network.as_bytes()],
            core.accounts.budgets.mails,
            now,
        )
    }

    /// Charges one attempt to a budget.
    pub(super) fn one(
        core: &'c Core,
        kind: &str,
        parts: &[&[u8]],
        budget: Budget,
        now: Timestamp,
    ) -> Result<Self, ThrottleError> {
        let mut charge = Self::none(core, now);
        charge.add(key(kind, parts), budget)?;
        Ok(charge)
    }

    /// Charges one attempt to one more budget, or else gives back what was charged before.
    pub(super) fn and(mut self, kind: &str, parts: &[&[u8]], budget: Budget) -> Result<Self, ThrottleError> {
        self.add(key(kind, parts), budget)?;
        Ok(self)
    }

    fn add(&mut self, key: BudgetKey, budget: Budget) -> Result<(), ThrottleError> {
        match self.core.throttle.take(&key, budget, self.now)? {
            Taken::Granted => {
                self.taken.push((key, budget));
                Ok(())
            }
            Taken::Refused(retry_after) => {
                self.refund()?;
                Err(ThrottleError::Throttled { retry_after })
            }
        }
    }

    /// Gives everything back: the attempt did not fail, or was not made.
    pub(super) fn give_back(mut self) -> Result<(), StoreError> {
        self.refund()
    }

    fn refund(&mut self) -> Result<(), StoreError> {
        for (key, budget) in self.taken.drain(..) {
            self.core.throttle.give_back(&key, budget, self.now)?;
        }
        Ok(())
    }
}

/// One text for all names that are one account to a store; what is no name stands for itself.
pub(super) fn folded(name: &str) -> String {
    match Username::parse(name) {
        Ok(name) => name.folded().to_owned(),
        Err(_) => fold(name),
    }
}

fn key(kind: &str, parts: &[&[u8]]) -> BudgetKey {
    BudgetKey::new(kind, parts)
}
