//! Proving once more who one is, before something grave (OWASP ASVS 5.0, 7.5.1).

use thiserror::Error;

use super::enter_code::CodeError;
use super::guess::{Target, ThrottleError};
use super::open_session::{OpenSession, SessionError};
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
            CodeError::Throttle(error) => error.into(),
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
    let user = open.account().ok_or(ProveError::NotSignedIn)?.clone();
    open.check_password(&user, password, devices)?;
    if user.second_factor.is_none() {
        return Ok(open.continue_as(&user)?);
    }
    let target = Target::new(user.name.as_str(), &open.device, devices.of(user.id));
    let user = open.check_code(&user, code, &target)?;
    let user = user.ok_or(ProveError::WrongCode)?;
    Ok(open.continue_as(&user)?)
}

impl OpenSession {
    /// Checks the current password, charged as a guess: given back when it is right, or was not even tried.
    pub(super) fn check_password(
        &self,
        user: &User,
        password: &Password,
        devices: &dyn KnownDevices,
    ) -> Result<(), ProveError> {
        let target = Target::new(user.name.as_str(), &self.device, devices.of(user.id));
        let charge = target.charge(&self.core, self.now)?;
        let verdict = self.core.hasher.verify(password, &user.password_hash);
        if matches!(
            verdict,
            Ok(Verdict::Match | Verdict::MatchOutdated) | Err(HashError::Busy)
        ) {
            charge.give_back()?;
        }
        match verdict? {
            Verdict::Mismatch => Err(ProveError::WrongPassword),
            Verdict::Match | Verdict::MatchOutdated => Ok(()),
        }
    }
}
