//! How far a client has come: a visitor, half signed in, signed in, or held back until a second factor is set up.
//!
//! Nothing but a finished sign-in makes [`OpenSession::user`] say who it is, so that whatever asks for it is
//! closed to everything else (OWASP ASVS 5.0, 2.3.1).

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::notify::NoticeError;
use super::open_session::OpenSession;
use crate::session::Permanence;
use crate::session_data::SessionData;
use crate::time::Timestamp;
use crate::user::{Epoch, Role, User, UserId};

/// How long the second step of a sign-in may take.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(600);

/// A sign-in whose first step is done: the password was right, the code is still to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PendingSignIn {
    pub(super) user: UserId,
    pub(super) epoch: Epoch,
    pub(super) at: Timestamp,
    pub(super) permanence: Permanence,
}

/// The same as it is kept among the session's values.
#[derive(Serialize, Deserialize)]
struct Kept {
    user: i64,
    epoch: i64,
    at: i64,
    permanent: bool,
}

impl PendingSignIn {
    pub(super) fn keep(self, data: &mut SessionData) {
        let kept = Kept {
            user: self.user.as_i64(),
            epoch: self.epoch.as_i64(),
            at: self.at.unix_millis(),
            permanent: self.permanence.is_permanent(),
        };
        // Numbers and booleans can always be written.
        if let Ok(value) = serde_json::to_value(kept) {
            data.set(SessionData::PENDING, value);
        }
    }

    /// The one that is kept there, however long it has waited.
    pub(super) fn of(data: &SessionData) -> Option<Self> {
        let kept = Kept::deserialize(data.get(SessionData::PENDING)?).ok()?;
        Some(Self {
            user: UserId::from_stored(kept.user),
            epoch: Epoch::from_stored(kept.epoch),
            at: Timestamp::from_unix_millis(kept.at),
            permanence: Permanence::from_choice(kept.permanent),
        })
    }
}

/// Why somebody who is signed in may not do this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum AuthorityError {
    /// Nobody is signed in.
    #[error("nobody is signed in")]
    NotSignedIn,
    /// It is for administrators.
    #[error("this is for administrators only")]
    NotAdministrator,
    /// The proof of who they are is too old.
    #[error("confirm first that it is you")]
    ProofNeeded,
}

impl OpenSession {
    /// Who is signed in, or would be if they had the second factor that they need. Whatever changes the
    /// account's own safety works on this; everything else on [`OpenSession::user`].
    #[must_use]
    pub fn account(&self) -> Option<&User> {
        self.user.as_ref().or(self.enrolling.as_ref())
    }

    /// Who must set up a second factor before anything else opens (OWASP ASVS 5.0, 6.3.3).
    #[must_use]
    pub const fn enrolling(&self) -> Option<&User> {
        self.enrolling.as_ref()
    }

    /// Whether the password was right and a code is still to come.
    #[must_use]
    pub fn awaits_code(&self) -> bool {
        self.pending().is_some()
    }

    /// The sign-in whose second step is due.
    pub(super) fn pending(&self) -> Option<PendingSignIn> {
        let pending = PendingSignIn::of(&self.record.as_ref()?.data)?;
        (self.now < pending.at.after(PATIENCE)).then_some(pending)
    }

    /// Whether whoever is signed in has proved it lately (OWASP ASVS 5.0, 7.5.1).
    #[must_use]
    pub fn is_fresh(&self) -> bool {
        let proved = self.record.as_ref().and_then(|record| record.authentication);
        proved.is_some_and(|proof| self.now.since(proof.at) < self.core.accounts.proof_lifetime)
    }

    /// The account, for an act that asks for a fresh proof.
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

    /// The administrator, for an act that asks for a fresh proof (OWASP ASVS 5.0, 7.5.3).
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

    /// Takes somebody for signed in, unless they need a second factor first.
    pub(super) fn admit(&mut self, user: User) {
        let held = self.core.accounts.second_factor.misses(&user);
        (self.user, self.enrolling) = if held {
            (None, Some(user))
        } else {
            (Some(user), None)
        };
    }

    /// What the owner should have been told of and could not be, for the log. What it was about is done.
    pub fn take_untold(&mut self) -> Vec<NoticeError> {
        std::mem::take(&mut self.untold)
    }
}
