//! What the client of a request may do, by its [`Stage`].

use thiserror::Error;

use super::Core;
use super::notify::NoticeError;
use super::open_session::{OpenSession, SessionError};
use super::trail::Act;
use crate::admission::Admission;
use crate::ports::StoreError;
use crate::sign_in_state::PendingSignIn;
use crate::stage::Stage;
use crate::user::{Role, User, UserId};

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
    /// Returns what the client has proved.
    #[must_use]
    pub const fn stage(&self) -> &Stage {
        &self.stage
    }

    /// Returns the signed-in user, who has every factor that the operator requires.
    #[must_use]
    pub const fn user(&self) -> Option<&Admission> {
        match &self.stage {
            Stage::SignedIn(user) => Some(user),
            _ => None,
        }
    }

    /// Returns the user who must set up a second factor before anything else is allowed.
    #[must_use]
    pub const fn enrolling(&self) -> Option<&Admission> {
        match &self.stage {
            Stage::Enrolling(user) => Some(user),
            _ => None,
        }
    }

    /// Returns the signed-in user, or the user who must set up a second factor first.
    ///
    /// Use this for changes to the account's own security, and [`OpenSession::user`] for everything else.
    #[must_use]
    pub fn account(&self) -> Option<&Admission> {
        self.user().or(self.enrolling())
    }

    /// Returns whether the password was correct and a code is still needed.
    #[must_use]
    pub const fn awaits_code(&self) -> bool {
        self.pending().is_some()
    }

    /// Returns the sign-in that waits for its second step.
    pub(super) const fn pending(&self) -> Option<PendingSignIn> {
        match self.stage {
            Stage::PendingSecondFactor(pending) => Some(pending),
            _ => None,
        }
    }

    /// Returns whether the user has authenticated recently enough for sensitive changes (OWASP ASVS 5.0,
    /// 7.5.1).
    #[must_use]
    pub fn is_fresh(&self) -> bool {
        let proof = self.record().and_then(|record| record.authentication());
        let lifetime = self.core().account_policy.proof_lifetime;
        proof.is_some_and(|proof| proof.is_within(lifetime, self.now()))
    }

    /// Returns the account, for an action that requires recent authentication.
    ///
    /// # Errors
    /// [`AuthorityError::NotSignedIn`] or [`AuthorityError::ProofNeeded`].
    pub fn fresh_account(&self) -> Result<&Admission, AuthorityError> {
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
    pub fn fresh_administrator(&self) -> Result<&Admission, AuthorityError> {
        let user = self.user().ok_or(AuthorityError::NotSignedIn)?;
        if user.role != Role::Administrator {
            Err(AuthorityError::NotAdministrator)
        } else if !self.is_fresh() {
            Err(AuthorityError::ProofNeeded)
        } else {
            Ok(user)
        }
    }

    /// Reads the whole account of [`OpenSession::account`]. Returns `None` without an account, and if it no
    /// longer admits this session.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn read_account(&self) -> Result<Option<User>, StoreError> {
        let Some(account) = self.account() else {
            return Ok(None);
        };
        let user = self.core().accounts.find(account.id)?;
        Ok(user.filter(|user| user.admits(account.epoch)))
    }

    /// Reads the whole account, for a change that needs its hash. If it no longer admits this session, the
    /// session has ended.
    pub(super) fn read_admitted_account(&mut self) -> Result<User, SessionError> {
        let user = self.read_account()?;
        user.ok_or_else(|| self.mark_ended())
    }

    /// Removes and returns the failures to record an event or to notify an account owner, for the log. The
    /// actions themselves have succeeded.
    pub fn take_failed_notices(&mut self) -> Vec<NoticeError> {
        std::mem::take(&mut self.failed_notices)
    }

    /// Removes and returns the acts of this request that leave no event, for the log.
    pub fn take_acts(&mut self) -> Vec<(UserId, Act)> {
        std::mem::take(&mut self.trail.acts)
    }

    /// Returns the account that this request concerns, for the log: the one for which the client tried to
    /// authenticate, or else the one of the session.
    #[must_use]
    pub fn subject(&self) -> Option<UserId> {
        let of_session = || self.account().map(|account| account.id);
        self.trail.named.unwrap_or_else(of_session)
    }
}

impl Core {
    /// Returns the stage of an authenticated user under the operator's rules.
    pub(super) fn stage_of(&self, user: Admission) -> Stage {
        if self.account_policy.second_factor.misses(&user) {
            Stage::Enrolling(user)
        } else {
            Stage::SignedIn(user)
        }
    }
}
