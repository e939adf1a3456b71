//! What happened to an account, for its owner to look back at and to be told of.
//!
//! Left out: the words for people, which belong to pages and mails, and the log of the server.

use crate::session::Device;
use crate::time::Timestamp;
use crate::user::UserId;

/// One entry of an account's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Whose account.
    pub user: UserId,
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: EventKind,
    /// Where from; empty when an operator did it on the command line.
    pub device: Device,
}

/// Declares the kinds together with the words under which stores and programs know them.
macro_rules! event_kinds {
    ($($(#[$doc:meta])* $kind:ident = $word:literal,)*) => {
        /// What happened.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum EventKind {
            $($(#[$doc])* $kind,)*
        }

        impl EventKind {
            /// Every kind there is.
            pub const ALL: &[Self] = &[$(Self::$kind),*];

            /// The word under which stores keep it and programs read it; it never changes.
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
    /// The account was made.
    SignedUp = "signed_up",
    /// Somebody signed in on a device that had done so before.
    SignedIn = "signed_in",
    /// Somebody signed in on a device that had not done so before.
    SignedInOnNewDevice = "signed_in_on_new_device",
    /// Somebody signed in after several failures.
    SignedInAfterFailures = "signed_in_after_failures",
    /// The password was right and the code of the second factor was wrong.
    SecondFactorFailed = "second_factor_failed",
    /// The owner chose a new password.
    PasswordChanged = "password_changed",
    /// A new password was chosen by a mailed link.
    PasswordReset = "password_reset",
    /// An operator gave the account a new password.
    PasswordSetByOperator = "password_set_by_operator",
    /// The owner showed that mail to the address arrives.
    AddressConfirmed = "address_confirmed",
    /// The address is another one.
    AddressChanged = "address_changed",
    /// A second factor was set up.
    SecondFactorEnabled = "second_factor_enabled",
    /// The second factor was removed by its owner.
    SecondFactorDisabled = "second_factor_disabled",
    /// An operator removed the second factor.
    SecondFactorRemovedByOperator = "second_factor_removed_by_operator",
    /// A recovery code was used up.
    RecoveryCodeUsed = "recovery_code_used",
    /// There are new recovery codes; the former are void.
    RecoveryCodesRenewed = "recovery_codes_renewed",
    /// The owner ended one of their sessions.
    SessionEnded = "session_ended",
    /// The owner ended all their other sessions.
    OtherSessionsEnded = "other_sessions_ended",
    /// All sessions were ended.
    AllSessionsEnded = "all_sessions_ended",
    /// An operator let the account sign in again.
    EnabledByOperator = "enabled_by_operator",
    /// An operator keeps the account from signing in.
    DisabledByOperator = "disabled_by_operator",
}

impl EventKind {
    /// The kind that a word stands for; `None` for a word that was never one.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == word)
    }

    /// Whether the owner gets a mail about it (OWASP ASVS 5.0, 6.3.5 and 6.3.7).
    #[must_use]
    pub const fn is_told_by_mail(self) -> bool {
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
