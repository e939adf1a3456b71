//! How far the client of a stored session has authenticated.

use std::time::Duration;

use crate::admission::Admission;
use crate::session_policy::Permanence;
use crate::time::Timestamp;
use crate::user::{Epoch, UserId};

/// Who authenticated, when, and in which epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Authentication {
    /// The user.
    pub user: UserId,
    /// The user's epoch at that time; see [`Epoch`].
    pub epoch: Epoch,
    /// When the user last authenticated.
    pub at: Timestamp,
}

impl Authentication {
    /// Returns an authentication of `user` at `now`.
    #[must_use]
    pub const fn of(user: &Admission, now: Timestamp) -> Self {
        Self {
            user: user.id,
            epoch: user.epoch,
            at: now,
        }
    }
}

impl Authentication {
    /// How far in the future an authentication may seem to be, because a request was counted in another order
    /// than it arrived, or a clock was corrected.
    const CLOCK_TOLERANCE: Duration = Duration::from_secs(60);

    /// Returns whether the user authenticated within the last `time` before `now`.
    ///
    /// If the clock was set back since, nobody knows how long ago that was, so the answer is no.
    #[must_use]
    pub fn is_within(&self, time: Duration, now: Timestamp) -> bool {
        now.since(self.at) < time && self.at <= now.after(Self::CLOCK_TOLERANCE)
    }
}

/// A sign-in after a correct password, before the code of the second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PendingSignIn {
    /// The password that was correct: whose, when, and in which epoch.
    pub first_step: Authentication,
    /// The permanence that the user chose for the session.
    pub permanence: Permanence,
}

impl PendingSignIn {
    /// Time allowed for the second step.
    const TIMEOUT: Duration = Duration::from_secs(600);

    /// Returns whether the code can still be entered at `now`.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.first_step.is_within(Self::TIMEOUT, now)
    }
}

/// How far the client of a stored session has authenticated.
///
/// The [`Stage`](crate::Stage) of a request also depends on the account and the operator's rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SignInState {
    /// No user has authenticated.
    #[default]
    Visitor,
    /// The password was correct, and a code is still needed.
    PendingSecondFactor(PendingSignIn),
    /// The user has authenticated with every factor of the account.
    Complete(Authentication),
}

impl SignInState {
    /// Returns the completed authentication, if any.
    #[must_use]
    pub const fn authentication(&self) -> Option<Authentication> {
        match self {
            Self::Complete(authentication) => Some(*authentication),
            Self::Visitor | Self::PendingSecondFactor(_) => None,
        }
    }

    /// Returns the user of a complete or pending sign-in.
    #[must_use]
    pub const fn owner(&self) -> Option<UserId> {
        match self {
            Self::Visitor => None,
            Self::PendingSecondFactor(pending) => Some(pending.first_step.user),
            Self::Complete(authentication) => Some(authentication.user),
        }
    }
}
