//! What an operator does to other people's accounts.
//!
//! Who may do it is for the caller to say: the command line is trusted, a page is not.

use thiserror::Error;

use super::Core;
use super::change_user::change_user;
use crate::password::{NewPassword, PasswordProblem};
use crate::ports::{HashError, StoreError};
use crate::time::Timestamp;
use crate::user::{Standing, User};
use crate::username::Username;

/// Why an account is as it was.
#[derive(Debug, Error)]
pub enum AdministerError {
    /// There is no user of that name.
    #[error("there is no such user")]
    Unknown,
    /// The new password breaks a rule.
    #[error(transparent)]
    Problem(#[from] PasswordProblem),
    /// The new password could not be hashed.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Gives a user a new password and ends all their sessions.
///
/// # Errors
/// Any [`AdministerError`].
pub fn set_password(
    core: &Core,
    name: &Username,
    password: String,
    now: Timestamp,
) -> Result<User, AdministerError> {
    let password = NewPassword::choose(password, name)?;
    let hash = core.hasher.hash(password.as_password())?;
    change(core, name, |user| User {
        password_hash: hash.clone(),
        password_changed_at: now,
        ..user.in_next_epoch()
    })
}

/// Lets a user in again, or keeps them out and ends all their sessions; the very next request notices.
///
/// # Errors
/// Any [`AdministerError`].
pub fn set_standing(core: &Core, name: &Username, standing: Standing) -> Result<User, AdministerError> {
    change(core, name, |user| User {
        standing,
        ..user.in_next_epoch()
    })
}

/// Removes a user with all their sessions.
///
/// # Errors
/// Any [`AdministerError`].
pub fn delete_user(core: &Core, name: &Username) -> Result<User, AdministerError> {
    let user = core.users.find_by_name(name)?.ok_or(AdministerError::Unknown)?;
    core.users.delete(user.id)?;
    core.sessions.delete_all_of(user.id)?;
    Ok(user)
}

fn change(core: &Core, name: &Username, change: impl Fn(User) -> User) -> Result<User, AdministerError> {
    let user = core.users.find_by_name(name)?.ok_or(AdministerError::Unknown)?;
    let changed = change_user(core, user.id, |user| Some(change(user)))?.ok_or(AdministerError::Unknown)?;
    core.sessions.delete_all_of(changed.id)?;
    Ok(changed)
}
