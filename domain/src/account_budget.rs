//! Budgets that belong to an account or an address. They are stored, so neither a flood nor a restart refills them.

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
    /// Mails to reset the password, for all clients together.
    ResetMails,
    /// Confirmation mails that the account requested.
    Confirmations,
    /// Confirmation mails to one address, for all clients together.
    MailsToAddress,
}

impl BudgetKind {
    /// All kinds.
    pub const ALL: [Self; 8] = [
        Self::Guesses,
        Self::KnownDevices,
        Self::Codes,
        Self::CodesOnKnownDevices,
        Self::Failures,
        Self::ResetMails,
        Self::Confirmations,
        Self::MailsToAddress,
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
            Self::ResetMails => "reset_mails",
            Self::Confirmations => "confirmations",
            Self::MailsToAddress => "mails_to_address",
        }
    }
}

/// Whose budget it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BudgetOwner {
    /// An account.
    Account(UserId),
    /// A name without an account, or an email address. Stores keep a fixed number of budgets for all of them
    /// together, so that attempts at unknown names look the same and take the same time as those at accounts.
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
