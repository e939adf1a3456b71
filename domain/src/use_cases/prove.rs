//! Re-authentication before sensitive changes (OWASP ASVS 5.0, 7.5.1).

use thiserror::Error;

use super::open_session::OpenSession;
use super::throttling::{Attempt, Throttled};
use super::trail::Act;
use super::use_case_error::{Outcome, SessionRefusal, refusals};
use crate::admission::Admission;
use crate::known_device::KnownDevices;
use crate::password::Password;
use crate::ports::{HashError, Verdict};
use crate::user::User;

/// Why a re-authentication failed.
#[derive(Debug, Error)]
pub enum ProveRefusal {
    /// No user is signed in.
    #[error("you are not signed in")]
    NotSignedIn,
    /// The password was not accepted.
    #[error(transparent)]
    Password(#[from] PasswordRefusal),
    /// The account has a second factor, and its code is missing, wrong, or was used before.
    #[error("this code is wrong or was used before")]
    WrongCode,
    /// The code was not checked.
    #[error(transparent)]
    Throttled(#[from] Throttled),
    /// The session could not continue.
    #[error(transparent)]
    Session(#[from] SessionRefusal),
}
refusals!(ProveRefusal: PasswordRefusal, Throttled);

/// Why the current password was not accepted.
#[derive(Debug, Error)]
pub enum PasswordRefusal {
    /// The password is wrong.
    #[error("the current password is wrong")]
    Wrong,
    /// The stored hash is unreadable. The client must not learn it; the user can reset the password.
    #[error("the stored password hash is unreadable")]
    UnreadableHash,
    /// The password was not checked.
    #[error(transparent)]
    Throttled(#[from] Throttled),
}
refusals!(PasswordRefusal: Throttled);

/// Re-authenticates the signed-in user with every factor of the account. The session continues under a new
/// token, and sensitive changes are allowed for a while.
///
/// # Errors
/// Any [`ProveRefusal`], or a [`Failure`](super::Failure). The session is then unchanged. If the seed cannot be
/// decrypted, recovery codes still work.
pub fn prove(
    open: &mut OpenSession,
    password: &Password,
    code: &str,
    devices: &dyn KnownDevices,
) -> Outcome<(), ProveRefusal> {
    open.account().ok_or(ProveRefusal::NotSignedIn)?;
    let user = open.read_admitted_account()?;
    open.check_password(&user, password, devices)?;
    let user = if user.second_factor.is_some() {
        let attempt = Attempt::new(
            &open.context,
            user.name.as_str(),
            Some((user.id, user.epoch)),
            devices,
        );
        let user = open.check_code(&user, code, &attempt)?;
        user.ok_or(ProveRefusal::WrongCode)?
    } else {
        user
    };
    open.continue_as(&Admission::from(&user))?;
    open.did(Act::Reauthenticated, user.id);
    Ok(())
}

impl OpenSession {
    /// Checks the current password and charges the attempt. The charge is refunded if the password is correct
    /// or was not checked.
    pub(super) fn check_password(
        &self,
        user: &User,
        password: &Password,
        devices: &dyn KnownDevices,
    ) -> Outcome<(), PasswordRefusal> {
        let attempt = Attempt::new(
            &self.context,
            user.name.as_str(),
            Some((user.id, user.epoch)),
            devices,
        );
        let charge = attempt.charge()?;
        let verdict = self.core().hasher.verify(password, &user.password_hash);
        let is_refunded = matches!(
            verdict,
            Ok(Verdict::Match | Verdict::MatchOutdated) | Err(HashError::Busy)
        );
        if is_refunded {
            charge.refund()?;
        } else {
            charge.spend()?;
        }
        match verdict {
            Ok(Verdict::Match | Verdict::MatchOutdated) => Ok(()),
            Ok(Verdict::Mismatch) => Err(PasswordRefusal::Wrong.into()),
            Err(HashError::Unreadable) => Err(PasswordRefusal::UnreadableHash.into()),
            Err(error) => Err(error.into()),
        }
    }
}
