//! What an operator does to other people's accounts.
//!
//! Who may do it is for the caller to say: the command line is trusted, a page is not.

use thiserror::Error;

use super::Core;
use super::change_user::change_user;
use super::links::{Grant, IssueError, issue};
use super::notify::{NoticeError, notify};
use crate::event::EventKind;
use crate::one_time_token::{LinkToken, Purpose};
use crate::password::{NewPassword, PasswordProblem};
use crate::ports::{HashError, StoreError};
use crate::session::Device;
use crate::time::Timestamp;
use crate::user::{Standing, User, UserId};
use crate::username::Username;

/// Why an account is as it was, or its owner was not told.
#[derive(Debug, Error)]
pub enum AdministerError {
    /// There is no user of that name.
    #[error("there is no such user")]
    Unknown,
    /// The user may not sign in, so that a link would open nothing.
    #[error("this user is disabled")]
    Disabled,
    /// The new password breaks a rule.
    #[error(transparent)]
    Problem(#[from] PasswordProblem),
    /// The new password could not be hashed.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No link could be made.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// It is done, but not written down, or the owner was not told.
    #[error(transparent)]
    Notice(#[from] NoticeError),
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
    let user = core.users.find_by_name(name)?.ok_or(AdministerError::Unknown)?;
    let password = NewPassword::choose(password, &core.accounts.words.context_of(&user))?;
    let hash = core.hasher.hash(password.as_password())?;
    change(core, name, EventKind::PasswordSetByOperator, now, |user| User {
        password_hash: hash.clone(),
        password_changed_at: now,
        ..user.in_next_epoch()
    })
}

/// Lets a user in again, or keeps them out and ends all their sessions; the very next request notices.
///
/// # Errors
/// Any [`AdministerError`].
pub fn set_standing(
    core: &Core,
    name: &Username,
    standing: Standing,
    now: Timestamp,
) -> Result<User, AdministerError> {
    let kind = match standing {
        Standing::Enabled => EventKind::EnabledByOperator,
        Standing::Disabled => EventKind::DisabledByOperator,
    };
    change(core, name, kind, now, |user| User {
        standing,
        ..user.in_next_epoch()
    })
}

/// Removes the second factor of a user who has lost it, and ends all their sessions.
///
/// # Errors
/// Any [`AdministerError`].
pub fn remove_second_factor(core: &Core, name: &Username, now: Timestamp) -> Result<User, AdministerError> {
    change(
        core,
        name,
        EventKind::SecondFactorRemovedByOperator,
        now,
        |user| User {
            second_factor: None,
            ..user.in_next_epoch()
        },
    )
}

/// Makes a link for a user: to sign in once, or to choose a new password. It takes the place of an earlier one.
///
/// # Errors
/// Any [`AdministerError`].
pub fn link_for(
    core: &Core,
    name: &Username,
    purpose: Purpose,
    now: Timestamp,
) -> Result<LinkToken, AdministerError> {
    let user = core.users.find_by_name(name)?.ok_or(AdministerError::Unknown)?;
    if user.standing == Standing::Disabled {
        return Err(AdministerError::Disabled);
    }
    Ok(issue(core, &Grant::for_user(purpose, &user, now), now)?)
}

/// Removes a user with all that belongs to them.
///
/// # Errors
/// Any [`AdministerError`].
pub fn delete_user(core: &Core, name: &Username) -> Result<User, AdministerError> {
    let user = core.users.find_by_name(name)?.ok_or(AdministerError::Unknown)?;
    remove(core, user.id)?;
    Ok(user)
}

/// Removes a user first, with whom all sessions and links are dead, and then what is left of them. Nobody
/// could ask for that again, so that it is tried in each store, also when another one fails.
pub(super) fn remove(core: &Core, user: UserId) -> Result<(), StoreError> {
    core.users.delete(user)?;
    let sessions = core.sessions.delete_all_of(user);
    let tokens = core.tokens.void_all_of(user);
    let history = core.history.delete_all_of(user);
    sessions.and(tokens).and(history).map(|_| ())
}

fn change(
    core: &Core,
    name: &Username,
    kind: EventKind,
    now: Timestamp,
    change: impl Fn(User) -> User,
) -> Result<User, AdministerError> {
    let user = core.users.find_by_name(name)?.ok_or(AdministerError::Unknown)?;
    let changed = change_user(core, user.id, |user| Some(change(user)))?.ok_or(AdministerError::Unknown)?;
    let told = notify(core, &changed, kind, Device::default(), now);
    core.sessions.delete_all_of(changed.id)?;
    told?;
    Ok(changed)
}
