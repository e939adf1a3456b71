//! Choosing a new password, by one who knows the current one.

use thiserror::Error;

use super::change_user::change_user;
use super::open_session::{OpenSession, SessionError};
use crate::password::{NewPassword, Password, PasswordHash, PasswordProblem};
use crate::ports::{HashError, StoreError, Verdict};
use crate::user::User;

/// Why the password is still the same.
#[derive(Debug, Error)]
pub enum ChangePasswordError {
    /// Nobody is signed in.
    #[error("nobody is signed in")]
    NotSignedIn,
    /// The current password is another.
    #[error("the current password is wrong")]
    WrongPassword,
    /// The new password breaks a rule.
    #[error(transparent)]
    Problem(#[from] PasswordProblem),
    /// A password could not be checked or hashed.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// This session has ended or could not be continued; the password may be changed.
    #[error(transparent)]
    Session(#[from] SessionError),
}

/// Changes the password of whoever is signed in (OWASP ASVS 5.0, 6.2.2, 6.2.3 and 7.4.3).
///
/// 1. The new password is judged, the current one checked.
/// 2. The new hash and the next epoch are written in one step: all sessions are dead from then on.
/// 3. This session goes on under a new token, in the new epoch, unless it was signed out meanwhile.
///
/// # Errors
/// Any [`ChangePasswordError`].
pub fn change_password(
    open: &mut OpenSession,
    current: &Password,
    new: String,
) -> Result<(), ChangePasswordError> {
    let user = open.user().ok_or(ChangePasswordError::NotSignedIn)?.clone();
    let new = NewPassword::choose(new, &user.name)?;
    if open.core.hasher.verify(current, &user.password_hash)? == Verdict::Mismatch {
        return Err(ChangePasswordError::WrongPassword);
    }
    let hash = open.core.hasher.hash(new.as_password())?;
    let changed = store(open, &user, &hash)?;
    Ok(open.continue_as(&changed)?)
}

/// Writes the hash, unless what was proved no longer holds: then another password is the current one,
/// or the user was put into another epoch meanwhile.
fn store(open: &mut OpenSession, proved: &User, hash: &PasswordHash) -> Result<User, ChangePasswordError> {
    let now = open.now;
    let changed = change_user(&open.core, proved.id, |user| {
        let holds = user.admits(proved.epoch);
        let changed = User {
            password_hash: hash.clone(),
            password_changed_at: now,
            ..user.in_next_epoch()
        };
        holds.then_some(changed)
    })?;
    changed.ok_or_else(|| open.ended().into())
}
