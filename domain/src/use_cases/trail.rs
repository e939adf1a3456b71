//! What a request did, for the server's log. The history of an account is separate.

use crate::user::UserId;

/// Something that a client did to an account and that leaves no event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// The password was correct, or a link replaced it. A code is still needed.
    FirstStepPassed,
    /// A user re-authenticated.
    Reauthenticated,
    /// A user signed out of one session.
    SignedOut,
    /// A user deleted their own account.
    AccountDeleted,
}

impl Act {
    /// Returns the word for the log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FirstStepPassed => "first_step_passed",
            Self::Reauthenticated => "reauthenticated",
            Self::SignedOut => "signed_out",
            Self::AccountDeleted => "account_deleted",
        }
    }
}

/// The acts of a request, and the account that it named.
#[derive(Debug, Default)]
pub(super) struct Trail {
    pub(super) acts: Vec<(UserId, Act)>,
    /// The account for which the client authenticates; `Some(None)` if there is no such account.
    pub(super) named: Option<Option<UserId>>,
}
