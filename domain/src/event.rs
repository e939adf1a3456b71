//! The history of an account: what its owner can review and is notified of.
//!
//! The wording belongs to pages and mails. The server's log is separate.

use crate::session::Device;
use crate::time::Timestamp;
use crate::user::UserId;

/// One entry of an account's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The account.
    pub user: UserId,
    /// The time.
    pub at: Timestamp,
    /// What happened.
    pub kind: EventKind,
    /// The client; empty if an operator acted on the command line.
    pub device: Device,
}

/// Declares the kinds together with the words that stores and API clients use for them.
macro_rules! event_kinds {
    ($($(#[$doc:meta])* $kind:ident = $word:literal,)*) => {
        /// What happened.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum EventKind {
            $($(#[$doc])* $kind,)*
        }

        impl EventKind {
            /// All kinds.
            pub const ALL: &[Self] = &[$(Self::$kind),*];

            /// Returns the word that stores keep and API clients read. It never changes.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$kind => $word,)*
                }
            }
        }
    };
}

event_kinds! {
    /// The account was created.
    SignedUp = "signed_up",
    /// A user signed in on a known device.
    SignedIn = "signed_in",
    /// A user signed in on a new device.
    SignedInOnNewDevice = "signed_in_on_new_device",
    /// A user signed in after several failed attempts.
    SignedInAfterFailures = "signed_in_after_failures",
    /// The password was correct, but the code of the second factor was wrong.
    SecondFactorFailed = "second_factor_failed",
    /// The owner changed the password.
    PasswordChanged = "password_changed",
    /// The password was reset through a mailed link.
    PasswordReset = "password_reset",
    /// An operator set a new password.
    PasswordSetByOperator = "password_set_by_operator",
    /// The owner confirmed the address.
    AddressConfirmed = "address_confirmed",
    /// The address was changed.
    AddressChanged = "address_changed",
    /// A second factor was set up.
    SecondFactorEnabled = "second_factor_enabled",
    /// The second factor was removed by its owner.
    SecondFactorDisabled = "second_factor_disabled",
    /// An operator removed the second factor.
    SecondFactorRemovedByOperator = "second_factor_removed_by_operator",
    /// A recovery code was used.
    RecoveryCodeUsed = "recovery_code_used",
    /// New recovery codes were generated; the previous ones are invalid.
    RecoveryCodesRenewed = "recovery_codes_renewed",
    /// The owner ended one of their sessions.
    SessionEnded = "session_ended",
    /// The owner ended all their other sessions.
    OtherSessionsEnded = "other_sessions_ended",
    /// All sessions were ended.
    AllSessionsEnded = "all_sessions_ended",
    /// An operator enabled the account.
    EnabledByOperator = "enabled_by_operator",
    /// An operator disabled the account.
    DisabledByOperator = "disabled_by_operator",
}

impl EventKind {
    /// Returns the kind for a word, or `None` for an unknown word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == word)
    }

    /// Returns whether the owner is notified by mail (OWASP ASVS 5.0, 6.3.5 and 6.3.7).
    #[must_use]
    pub const fn sends_notice(self) -> bool {
        !matches!(
            self,
            Self::SignedUp
                | Self::SignedIn
                | Self::AddressConfirmed
                | Self::SessionEnded
                | Self::OtherSessionsEnded
                | Self::AllSessionsEnded
        )
    }
}
