//! Budgets that belong to an account. They are stored with it, so neither a flood nor a restart refills them.

use crate::budget::BudgetKey;
use crate::time::Timestamp;
use crate::user::{Epoch, UserId};

/// What a stored budget counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BudgetKind {
    /// Wrong passwords from all unknown devices.
    Guesses,
    /// Wrong passwords from all known devices, within one epoch of the account.
    KnownDevices,
    /// Wrong codes from all unknown devices.
    Codes,
    /// Wrong codes from all known devices.
    CodesOnKnownDevices,
    /// Failed attempts since the last sign-in, of which the owner is notified. They never refuse an attempt.
    Failures,
}

impl BudgetKind {
    /// All kinds.
    pub const ALL: [Self; 5] = [
        Self::Guesses,
        Self::KnownDevices,
        Self::Codes,
        Self::CodesOnKnownDevices,
        Self::Failures,
    ];

    /// Returns the name under which stores keep the kind.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Guesses => "guesses",
            Self::KnownDevices => "known_devices",
            Self::Codes => "codes",
            Self::CodesOnKnownDevices => "codes_on_known_devices",
            Self::Failures => "failures",
        }
    }
}

/// Whose budget it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BudgetOwner {
    /// An account.
    Account(UserId),
    /// A name without an account. Stores keep a fixed number of budgets for all such names together, so that
    /// attempts at them look the same and take the same time as those at accounts.
    Unknown(BudgetKey),
}

/// How much of a stored budget is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsedBudget {
    /// When the budget will be full.
    pub full_at: Timestamp,
    /// The epoch of the account in which it was used. Only [`BudgetKind::KnownDevices`] depends on it.
    pub epoch: Epoch,
}
