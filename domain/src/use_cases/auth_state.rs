//! The authentication state of a client: visitor, waiting for a code, held back to set up a second factor, or
//! signed in.
//!
//! [`OpenSession::user`] returns a user only after a complete sign-in, so that everything that depends on it
//! stays closed in every other state (OWASP ASVS 5.0, 2.3.1).

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::notify::NoticeError;
use super::open_session::OpenSession;
use crate::session::Permanence;
use crate::session_data::SessionData;
use crate::time::Timestamp;
use crate::user::{Epoch, Role, User, UserId};

/// Time allowed for the second step of a sign-in.
const CODE_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(600);

/// A sign-in after a correct password, before the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PendingSignIn {
    pub(super) user: UserId,
    pub(super) epoch: Epoch,
    pub(super) at: Timestamp,
    pub(super) permanence: Permanence,
}

/// The same, as stored among the session's values.
#[derive(Serialize, Deserialize)]
struct StoredPendingSignIn {
    user: i64,
    epoch: i64,
    at: i64,
    permanent: bool,
}

impl PendingSignIn {
    pub(super) fn write_to(self, data: &mut SessionData) {
        let kept = StoredPendingSignIn {
            user: self.user.as_i64(),
            epoch: self.epoch.as_i64(),
            at: self.at.unix_millis(),
            permanent: self.permanence.is_permanent(),
        };
        // Serialising numbers and booleans cannot fail.
        if let Ok(value) = serde_json::to_value(kept) {
            data.set(SessionData::PENDING, value);
        }
    }

    /// Reads a pending sign-in from the values, without checking its age.
    pub(super) fn read_from(data: &SessionData) -> Option<Self> {
        let kept = StoredPendingSignIn::deserialize(data.get(SessionData::PENDING)?).ok()?;
        Some(Self {
            user: UserId::from_stored(kept.user),
            epoch: Epoch::from_stored(kept.epoch),
            at: Timestamp::from_unix_millis(kept.at),
            permanence: Permanence::from_choice(kept.permanent),
        })
    }
}

/// Why a client may not do this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum AuthorityError {
    /// No user is signed in.
    #[error("you are not signed in")]
    NotSignedIn,
    /// The user is not an administrator.
    #[error("this is for administrators only")]
    NotAdministrator,
    /// The user must re-authenticate.
    #[error("confirm first that it is you")]
    ProofNeeded,
}

impl OpenSession {
    /// Returns the signed-in user, or the user who must set up a second factor first.
    ///
    /// Use this for changes to the account's own security, and [`OpenSession::user`] for everything else.
    #[must_use]
    pub fn account(&self) -> Option<&User> {
        self.user.as_ref().or(self.enrolling.as_ref())
    }

    /// Returns the user who must set up a second factor before anything else is allowed (OWASP ASVS 5.0,
    /// 6.3.3).
    #[must_use]
    pub const fn enrolling(&self) -> Option<&User> {
        self.enrolling.as_ref()
    }

    /// Returns whether the password was correct and a code is still needed.
    #[must_use]
    pub fn awaits_code(&self) -> bool {
        self.pending().is_some()
    }

    /// Returns the sign-in that waits for its second step.
    pub(super) fn pending(&self) -> Option<PendingSignIn> {
        let pending = PendingSignIn::read_from(&self.record.as_ref()?.data)?;
        (self.now < pending.at.after(CODE_TIMEOUT)).then_some(pending)
    }

    /// Returns whether the user has authenticated recently enough for sensitive changes (OWASP ASVS 5.0,
    /// 7.5.1).
    #[must_use]
    pub fn is_fresh(&self) -> bool {
        let proved = self.record.as_ref().and_then(|record| record.authentication);
        proved.is_some_and(|proof| self.now.since(proof.at) < self.core.account_policy.proof_lifetime)
    }

    /// Returns the account, for an action that requires recent authentication.
    ///
    /// # Errors
    /// [`AuthorityError::NotSignedIn`] or [`AuthorityError::ProofNeeded`].
    pub fn fresh_account(&self) -> Result<&User, AuthorityError> {
        let account = self.account().ok_or(AuthorityError::NotSignedIn)?;
        if self.is_fresh() {
            Ok(account)
        } else {
            Err(AuthorityError::ProofNeeded)
        }
    }

    /// Returns the administrator, for an action that requires recent authentication (OWASP ASVS 5.0, 7.5.3).
    ///
    /// # Errors
    /// Any [`AuthorityError`].
    pub fn fresh_administrator(&self) -> Result<&User, AuthorityError> {
        let user = self.user().ok_or(AuthorityError::NotSignedIn)?;
        if user.role != Role::Administrator {
            Err(AuthorityError::NotAdministrator)
        } else if !self.is_fresh() {
            Err(AuthorityError::ProofNeeded)
        } else {
            Ok(user)
        }
    }

    /// Sets the user as signed in, or as held back if they must set up a second factor first.
    pub(super) fn admit(&mut self, user: User) {
        let held = self.core.account_policy.second_factor.misses(&user);
        (self.user, self.enrolling) = if held {
            (None, Some(user))
        } else {
            (Some(user), None)
        };
    }

    /// Removes and returns the failures to record an event or to notify an account owner, for the log. The
    /// actions themselves have succeeded.
    pub fn take_failed_notices(&mut self) -> Vec<NoticeError> {
        std::mem::take(&mut self.failed_notices)
    }
}
