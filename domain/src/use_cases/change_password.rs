//! Choosing a new password, by one who knows the current one.

use thiserror::Error;

use super::change_user::change_user;
use super::open_session::{OpenSession, SessionError};
use super::prove::ProveError;
use super::standing::AuthorityError;
use crate::event::EventKind;
use crate::known_device::KnownDevices;
use crate::password::{NewPassword, Password, PasswordHash, PasswordProblem};
use crate::ports::{HashError, StoreError};
use crate::user::User;

/// Why the password is still the same.
#[derive(Debug, Error)]
pub enum ChangePasswordError {
    /// Nobody is signed in, or the proof of who they are is too old.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// The current password is wrong, or was not even tried.
    #[error(transparent)]
    Prove(#[from] ProveError),
    /// The new password breaks a rule.
    #[error(transparent)]
    Problem(#[from] PasswordProblem),
    /// The new password could not be hashed.
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
/// 1. The proof of who they are must be fresh; the new password is judged, the current one checked.
/// 2. The new hash and the next epoch are written in one step: all sessions are dead from then on, and
///    so are links that were mailed before.
/// 3. The owner is told.
/// 4. This session goes on under a new token, in the new epoch, unless it was signed out meanwhile.
///
/// # Errors
/// Any [`ChangePasswordError`].
pub fn change_password(
    open: &mut OpenSession,
    current: &Password,
    new: String,
    devices: &dyn KnownDevices,
) -> Result<(), ChangePasswordError> {
    let user = open.fresh_account()?.clone();
    let new = NewPassword::choose(new, &open.core.accounts.words.context_of(&user))?;
    open.check_password(&user, current, devices)?;
    let hash = open.core.hasher.hash(new.as_password())?;
    let changed = store(open, &user, &hash)?;
    open.note(&changed, EventKind::PasswordChanged);
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
