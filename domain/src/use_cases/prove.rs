//! Re-authentication before sensitive changes (OWASP ASVS 5.0, 7.5.1).

use thiserror::Error;

use super::enter_code::CodeError;
use super::open_session::{OpenSession, SessionError};
use super::throttling::{Attempt, ThrottleError};
use crate::admission::Admission;
use crate::known_device::KnownDevices;
use crate::password::Password;
use crate::ports::{HashError, StoreError, UnsealError, Verdict};
use crate::user::User;

/// Why a re-authentication failed.
#[derive(Debug, Error)]
pub enum ProveError {
    /// No user is signed in.
    #[error("you are not signed in")]
    NotSignedIn,
    /// The password is wrong.
    #[error("the current password is wrong")]
    WrongPassword,
    /// The account has a second factor, and its code is missing, wrong, or was used before.
    #[error("this code is wrong or was used before")]
    WrongCode,
    /// The attempt was not made.
    #[error(transparent)]
    Throttle(#[from] ThrottleError),
    /// The password could not be checked.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The seed cannot be decrypted; recovery codes still work.
    #[error(transparent)]
    Unseal(#[from] UnsealError),
    /// The session could not continue.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// A store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<CodeError> for ProveError {
    fn from(error: CodeError) -> Self {
        match error {
            CodeError::Throttle(error) => error.into(),
            CodeError::Unseal(error) => error.into(),
            CodeError::Store(error) => error.into(),
        }
    }
}

/// Re-authenticates the signed-in user with every factor of the account. The session continues under a new
/// token, and sensitive changes are allowed for a while.
///
/// # Errors
/// Any [`ProveError`]; the session is then unchanged.
pub fn prove(
    open: &mut OpenSession,
    password: &Password,
    code: &str,
    devices: &dyn KnownDevices,
) -> Result<(), ProveError> {
    open.account().ok_or(ProveError::NotSignedIn)?;
    let user = open.read_admitted_account()?;
    open.check_password(&user, password, devices)?;
    if user.second_factor.is_none() {
        return Ok(open.continue_as(&Admission::from(&user))?);
    }
    let attempt = Attempt::new(user.name.as_str(), &open.device, devices.of(user.id));
    let user = open.check_code(&user, code, &attempt)?;
    let user = user.ok_or(ProveError::WrongCode)?;
    Ok(open.continue_as(&Admission::from(&user))?)
}

impl OpenSession {
    /// Checks the current password and charges the attempt. The charge is refunded if the password is correct
    /// or was not checked.
    pub(super) fn check_password(
        &self,
        user: &User,
        password: &Password,
        devices: &dyn KnownDevices,
    ) -> Result<(), ProveError> {
        let attempt = Attempt::new(user.name.as_str(), &self.device, devices.of(user.id));
        let charge = attempt.charge(&self.core, self.now)?;
        let verdict = self.core.hasher.verify(password, &user.password_hash);
        if matches!(
            verdict,
            Ok(Verdict::Match | Verdict::MatchOutdated) | Err(HashError::Busy)
        ) {
            charge.refund()?;
        }
        match verdict? {
            Verdict::Mismatch => Err(ProveError::WrongPassword),
            Verdict::Match | Verdict::MatchOutdated => Ok(()),
        }
    }
}
