//! An operator's actions on other users' accounts.
//!
//! The caller decides who may perform them: the command line is trusted, a page is not.

use thiserror::Error;

use super::Core;
use super::change_user::change_user;
use super::links::{Grant, issue};
use super::notify::notify;
use super::use_case_error::{Outcome, refusals};
use crate::account_change::Step;
use crate::event::{Event, EventKind};
use crate::one_time_token::{LinkToken, Purpose};
use crate::password::{NewPassword, PasswordProblem};
use crate::ports::StoreError;
use crate::session::Device;
use crate::time::Timestamp;
use crate::user::{Standing, User, UserId};
use crate::username::Username;

/// Why an action was not performed.
#[derive(Debug, Error)]
pub enum AdministerRefusal {
    /// No user has this name.
    #[error("there is no such user")]
    Unknown,
    /// The user is disabled, so a link would not work.
    #[error("this user is disabled")]
    Disabled,
    /// The new password breaks a rule.
    #[error(transparent)]
    Problem(#[from] PasswordProblem),
}
refusals!(AdministerRefusal: PasswordProblem);

/// Sets a new password and ends all sessions of the user.
///
/// # Errors
/// Any [`AdministerRefusal`], or a [`Failure`](super::Failure).
pub fn set_password(
    core: &Core,
    name: &Username,
    password: String,
    now: Timestamp,
) -> Outcome<User, AdministerRefusal> {
    let user = core
        .accounts
        .find_by_name(name)?
        .ok_or(AdministerRefusal::Unknown)?;
    let password = NewPassword::choose(password, &core.account_policy.words.context_of(&user))?;
    let hash = core.hasher.hash(password.as_password())?;
    change(core, name, EventKind::PasswordSetByOperator, now, |user| User {
        password_hash: hash.clone(),
        password_changed_at: now,
        ..user.in_next_epoch()
    })
}

/// Enables or disables a user and ends all their sessions. The next request is affected already.
///
/// # Errors
/// Any [`AdministerRefusal`], or a [`Failure`](super::Failure).
pub fn set_standing(
    core: &Core,
    name: &Username,
    standing: Standing,
    now: Timestamp,
) -> Outcome<User, AdministerRefusal> {
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
/// Any [`AdministerRefusal`], or a [`Failure`](super::Failure).
pub fn remove_second_factor(
    core: &Core,
    name: &Username,
    now: Timestamp,
) -> Outcome<User, AdministerRefusal> {
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

/// Issues a link for a user, to sign in once or to choose a new password. It replaces an earlier link for the
/// same purpose.
///
/// # Errors
/// Any [`AdministerRefusal`], or a [`Failure`](super::Failure).
pub fn issue_link_for(
    core: &Core,
    name: &Username,
    purpose: Purpose,
    now: Timestamp,
) -> Outcome<LinkToken, AdministerRefusal> {
    let user = core
        .accounts
        .find_by_name(name)?
        .ok_or(AdministerRefusal::Unknown)?;
    if user.standing == Standing::Disabled {
        return Err(AdministerRefusal::Disabled.into());
    }
    Ok(issue(core, &Grant::for_user(purpose, &user, now), now)?)
}

/// Removes a user and all their data.
///
/// # Errors
/// Any [`AdministerRefusal`], or a [`Failure`](super::Failure).
pub fn delete_user(core: &Core, name: &Username, now: Timestamp) -> Outcome<User, AdministerRefusal> {
    let user = core
        .accounts
        .find_by_name(name)?
        .ok_or(AdministerRefusal::Unknown)?;
    remove(core, user.id, now)?;
    Ok(user)
}

/// Removes a user with their links and events in one commit, which invalidates all their sessions, and then
/// the records of the sessions.
pub(super) fn remove(core: &Core, user: UserId, now: Timestamp) -> Result<(), StoreError> {
    // If the user is gone, another request was faster.
    let _ = core.accounts.commit(&Step::DeleteUser(user).into(), now)?;
    core.sessions.delete_all_of(user).map(|_| ())
}

fn change(
    core: &Core,
    name: &Username,
    kind: EventKind,
    now: Timestamp,
    change: impl Fn(User) -> User,
) -> Outcome<User, AdministerRefusal> {
    let user = core
        .accounts
        .find_by_name(name)?
        .ok_or(AdministerRefusal::Unknown)?;
    let event = Event {
        user: user.id,
        at: now,
        kind,
        device: Device::default(),
    };
    let steps = [Step::AppendEvent(event.clone())];
    let changed = change_user(core, user.id, now, &steps, |user| Some(change(user)))?;
    let changed = changed.ok_or(AdministerRefusal::Unknown)?;
    let notified = notify(core, &changed, event, now);
    core.sessions.delete_all_of(changed.id)?;
    notified?;
    Ok(changed)
}
