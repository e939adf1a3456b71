//! Password change by a user who knows the current password.

use thiserror::Error;

use super::auth_state::AuthorityError;
use super::open_session::{OpenSession, SessionError};
use super::prove::PasswordRefusal;
use super::use_case_error::{Outcome, SessionRefusal, refusals};
use crate::admission::Admission;
use crate::event::EventKind;
use crate::known_device::KnownDevices;
use crate::password::{NewPassword, Password, PasswordHash, PasswordProblem};
use crate::user::User;

/// Why the password was not changed.
#[derive(Debug, Error)]
pub enum ChangePasswordRefusal {
    /// No user is signed in, or the user must re-authenticate.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// The current password was not accepted.
    #[error(transparent)]
    Password(#[from] PasswordRefusal),
    /// The new password breaks a rule.
    #[error(transparent)]
    Problem(#[from] PasswordProblem),
    /// The session has ended or could not continue. The password may have changed.
    #[error(transparent)]
    Session(#[from] SessionRefusal),
}
refusals!(ChangePasswordRefusal: AuthorityError, PasswordRefusal, PasswordProblem);

/// Changes the password of the signed-in user (OWASP ASVS 5.0, 6.2.2, 6.2.3 and 7.4.3).
///
/// 1. The user must have authenticated recently. The new password is checked against the rules, and the
///    current one is verified.
/// 2. The new hash and the next epoch are written atomically, which invalidates all sessions and earlier
///    links.
/// 3. The owner is notified.
/// 4. This session continues under a new token in the new epoch, unless it was signed out meanwhile.
///
/// # Errors
/// Any [`ChangePasswordRefusal`], or a [`Failure`](super::Failure). If the session could not continue, the
/// password may have changed.
pub fn change_password(
    open: &mut OpenSession,
    current: &Password,
    new: String,
    devices: &dyn KnownDevices,
) -> Outcome<(), ChangePasswordRefusal> {
    open.fresh_account()?;
    let user = open.read_admitted_account()?;
    let new = NewPassword::choose(new, &open.core().account_policy.words.context_of(&user))?;
    open.check_password(&user, current, devices)?;
    let hash = open.core().hasher.hash(new.as_password())?;
    let changed = store(open, &user, &hash)?;
    Ok(open.continue_as(&Admission::from(&changed))?)
}

/// Writes the hash, unless the verified password is outdated because the user's epoch has changed meanwhile.
fn store(open: &mut OpenSession, proved: &User, hash: &PasswordHash) -> Result<User, SessionError> {
    let now = open.now();
    let changed = open.change_account((proved.id, proved.epoch), EventKind::PasswordChanged, |user| {
        Some(User {
            password_hash: hash.clone(),
            password_changed_at: now,
            ..user.in_next_epoch()
        })
    })?;
    changed.ok_or_else(|| open.mark_ended())
}
