//! Proving once more who one is, before something grave (OWASP ASVS 5.0, 7.5.1).

use std::sync::Arc;

use thiserror::Error;

use super::enter_code::{CodeError, spend_code};
use super::guess::{Target, ThrottleError};
use super::open_session::{OpenSession, SessionError};
use crate::event::EventKind;
use crate::known_device::KnownDevices;
use crate::password::Password;
use crate::ports::{HashError, StoreError, UnsealError, Verdict};
use crate::user::User;

/// Why it is no proof.
#[derive(Debug, Error)]
pub enum ProveError {
    /// Nobody is signed in.
    #[error("nobody is signed in")]
    NotSignedIn,
    /// The password is another.
    #[error("the current password is wrong")]
    WrongPassword,
    /// The account has a second factor, and its code is missing, wrong, or was used before.
    #[error("this code is wrong or was used before")]
    WrongCode,
    /// Nothing was tried.
    #[error(transparent)]
    Throttle(#[from] ThrottleError),
    /// The password could not be checked.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The seed cannot be read; recovery codes still work.
    #[error(transparent)]
    Unseal(#[from] UnsealError),
    /// The session could not be continued.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// A store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<CodeError> for ProveError {
    fn from(error: CodeError) -> Self {
        match error {
            CodeError::Unseal(error) => error.into(),
            CodeError::Store(error) => error.into(),
        }
    }
}

/// Proves again who is signed in, with every factor that the account has. The session goes on under a new
/// token, and what asks for a fresh proof is open for a while.
///
/// # Errors
/// Any [`ProveError`]; then the session is as it was.
pub fn prove(
    open: &mut OpenSession,
    password: &Password,
    code: &str,
    devices: &dyn KnownDevices,
) -> Result<(), ProveError> {
    let core = Arc::clone(&open.core);
    let user = open.account().ok_or(ProveError::NotSignedIn)?.clone();
    let user = open.checked(&user, devices, |open, target| {
        if core.hasher.verify(password, &user.password_hash)? == Verdict::Mismatch {
            return Err(ProveError::WrongPassword);
        }
        if user.second_factor.is_none() {
            return Ok(user.clone());
        }
        match spend_code(&core, &user, code, open.now)? {
            Some((user, recovered)) => {
                if recovered {
                    open.note(&user, EventKind::RecoveryCodeUsed);
                }
                Ok(user)
            }
            None => {
                target.note_failure(&core, open.now)?;
                open.note(&user, EventKind::SecondFactorFailed);
                Err(ProveError::WrongCode)
            }
        }
    })?;
    Ok(open.continue_as(&user)?)
}

impl OpenSession {
    /// Runs a check of something that could be guessed, charged as a guess at `user`: given back when it
    /// succeeds or could not be made.
    fn checked<T>(
        &mut self,
        user: &User,
        devices: &dyn KnownDevices,
        check: impl FnOnce(&mut Self, &Target) -> Result<T, ProveError>,
    ) -> Result<T, ProveError> {
        let core = Arc::clone(&self.core);
        let target = Target::new(user.name.as_str(), &self.device, devices.of(user.id));
        let charge = if user.second_factor.is_some() {
            target.charge_code(&core, self.now)?
        } else {
            target.charge(&core, self.now)?
        };
        let outcome = check(self, &target);
        if matches!(outcome, Ok(_) | Err(ProveError::Hash(HashError::Busy))) {
            charge.give_back()?;
        }
        outcome
    }

    /// Checks the current password, charged as a guess.
    pub(super) fn check_password(
        &mut self,
        user: &User,
        password: &Password,
        devices: &dyn KnownDevices,
    ) -> Result<(), ProveError> {
        self.checked(user, devices, |open, _| {
            match open.core.hasher.verify(password, &user.password_hash)? {
                Verdict::Mismatch => Err(ProveError::WrongPassword),
                Verdict::Match | Verdict::MatchOutdated => Ok(()),
            }
        })
    }
}
