//! Events: who did what to which account, and from where.
//!
//! The events of an account are its history, which its owner can review. The wording belongs to pages and
//! mails. The server's log is separate.

use crate::session::Device;
use crate::time::Timestamp;
use crate::user::UserId;

/// Something that happened to an account or to the site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Who acted.
    pub actor: Actor,
    /// The account that it concerns; `None` if it concerns none, such as an invitation.
    pub target: Option<UserId>,
    /// The time.
    pub at: Timestamp,
    /// What happened.
    pub kind: EventKind,
    /// The client of the actor; empty on the command line.
    pub device: Device,
}

impl Event {
    /// Returns the client if the owner acted. Owners do not see the client of an administrator.
    #[must_use]
    pub fn owners_device(&self) -> Option<&Device> {
        (self.actor == Actor::Owner && self.device != Device::default()).then_some(&self.device)
    }
}

/// Who acted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Actor {
    /// The owner of the account, or a client that acts as the owner.
    Owner,
    /// An operator on the command line of the server's machine.
    CommandLine,
    /// An administrator. The account may have been deleted since.
    Administrator(UserId, Interface),
}

/// Where an administrator acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Interface {
    /// A page, or a form of one.
    Page,
    /// The JSON API.
    Api,
}

impl Actor {
    /// Returns the word and the id that stores keep. They never change.
    #[must_use]
    pub const fn to_stored(self) -> (&'static str, Option<UserId>) {
        match self {
            Self::Owner => ("owner", None),
            Self::CommandLine => ("command_line", None),
            Self::Administrator(id, Interface::Page) => ("page", Some(id)),
            Self::Administrator(id, Interface::Api) => ("api", Some(id)),
        }
    }

    /// Restores an actor from a store. Returns `None` for an unknown word, or if the id is missing or
    /// superfluous.
    #[must_use]
    pub fn from_stored(word: &str, id: Option<UserId>) -> Option<Self> {
        match (word, id) {
            ("owner", None) => Some(Self::Owner),
            ("command_line", None) => Some(Self::CommandLine),
            ("page", Some(id)) => Some(Self::Administrator(id, Interface::Page)),
            ("api", Some(id)) => Some(Self::Administrator(id, Interface::Api)),
            _ => None,
        }
    }
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
    /// An operator created the account.
    CreatedByOperator = "created_by_operator",
    /// An operator deleted the account. This is the only event that outlives the account.
    DeletedByOperator = "deleted_by_operator",
    /// An operator issued a link to sign in or to choose a new password.
    LinkIssuedByOperator = "link_issued_by_operator",
    /// An operator ended a session.
    SessionEndedByOperator = "session_ended_by_operator",
    /// An operator ended all sessions.
    AllSessionsEndedByOperator = "all_sessions_ended_by_operator",
    /// An operator created an invitation.
    InvitationCreated = "invitation_created",
    /// An operator revoked an invitation.
    InvitationRevoked = "invitation_revoked",
}

impl EventKind {
    /// Returns the kind for a word, or `None` for an unknown word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == word)
    }

    /// Returns whether the owner is notified by mail (OWASP ASVS 5.0, 6.3.5 and 6.3.7).
    ///
    /// A link that an operator issued changes nothing yet. A reset and a sign-in on a new device send a notice.
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
                | Self::CreatedByOperator
                | Self::DeletedByOperator
                | Self::LinkIssuedByOperator
                | Self::SessionEndedByOperator
                | Self::AllSessionsEndedByOperator
                | Self::InvitationCreated
                | Self::InvitationRevoked
        )
    }
}
