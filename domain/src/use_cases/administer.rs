//! An operator's actions on other users' accounts.

use thiserror::Error;

use super::Core;
use super::change_user::change_user;
use super::links::{Grant, issue};
use super::notify::notify;
use super::operator::Operator;
use super::use_case_error::{Outcome, refusals};
use crate::account_change::{AccountChange, Step};
use crate::admission::Admission;
use crate::event::EventKind;
use crate::one_time_token::{LinkToken, Purpose};
use crate::password::{NewPassword, PasswordProblem};
use crate::ports::StoreError;
use crate::time::Timestamp;
use crate::user::{Standing, User};
use crate::username::Username;

/// The number of users read at a time.
const PAGE_SIZE: u32 = 500;

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

/// Returns all users in the order of their folded names.
///
/// # Errors
/// [`StoreError`].
pub fn list_users(core: &Core, _: &Operator) -> Result<Vec<User>, StoreError> {
    let mut all: Vec<User> = Vec::new();
    loop {
        let page = core.accounts.list(all.last().map(|user| &user.name), PAGE_SIZE)?;
        let is_last = page.len() < PAGE_SIZE as usize;
        all.extend(page);
        if is_last {
            return Ok(all);
        }
    }
}

/// Returns the user with this name.
///
/// # Errors
/// [`AdministerRefusal::Unknown`], or a [`Failure`](super::Failure).
pub fn find_user(core: &Core, _: &Operator, name: &Username) -> Outcome<User, AdministerRefusal> {
    Ok(core
        .accounts
        .find_by_name(name)?
        .ok_or(AdministerRefusal::Unknown)?)
}

/// Sets a new password and ends all sessions of the user.
///
/// # Errors
/// Any [`AdministerRefusal`], or a [`Failure`](super::Failure).
pub fn set_password(
    core: &Core,
    operator: &Operator,
    name: &Username,
    password: String,
    now: Timestamp,
) -> Outcome<User, AdministerRefusal> {
    let user = find_user(core, operator, name)?;
    let password = NewPassword::choose(password, &core.account_policy.words.context_of(&user))?;
    let hash = core.hasher.hash(password.as_password())?;
    change(
        core,
        operator,
        name,
        EventKind::PasswordSetByOperator,
        now,
        |user| User {
            password_hash: hash.clone(),
            password_changed_at: now,
            ..user.in_next_epoch()
        },
    )
}

/// Enables or disables a user and ends all their sessions. The next request is affected already.
///
/// # Errors
/// Any [`AdministerRefusal`], or a [`Failure`](super::Failure).
pub fn set_standing(
    core: &Core,
    operator: &Operator,
    name: &Username,
    standing: Standing,
    now: Timestamp,
) -> Outcome<User, AdministerRefusal> {
    let kind = match standing {
        Standing::Enabled => EventKind::EnabledByOperator,
        Standing::Disabled => EventKind::DisabledByOperator,
    };
    change(core, operator, name, kind, now, |user| User {
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
    operator: &Operator,
    name: &Username,
    now: Timestamp,
) -> Outcome<User, AdministerRefusal> {
    change(
        core,
        operator,
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
    operator: &Operator,
    name: &Username,
    purpose: Purpose,
    now: Timestamp,
) -> Outcome<LinkToken, AdministerRefusal> {
    let user = find_user(core, operator, name)?;
    if user.standing == Standing::Disabled {
        return Err(AdministerRefusal::Disabled.into());
    }
    let event = operator.event(Some(user.id), EventKind::LinkIssuedByOperator, now);
    let steps = [Step::AppendEvent(event)];
    let grant = Grant::for_user(purpose, &Admission::from(&user), now);
    Ok(issue(core, &grant, &steps, now)?)
}

/// Removes a user with their links and events in one commit, which invalidates all their sessions, and then the
/// records of the sessions. Only the event of the deletion remains.
///
/// # Errors
/// Any [`AdministerRefusal`], or a [`Failure`](super::Failure).
pub fn delete_user(
    core: &Core,
    operator: &Operator,
    name: &Username,
    now: Timestamp,
) -> Outcome<User, AdministerRefusal> {
    let user = find_user(core, operator, name)?;
    let event = operator.event(Some(user.id), EventKind::DeletedByOperator, now);
    // The event comes last, because the first step removes earlier ones.
    let change = AccountChange::from(Step::DeleteUser(user.id)).and(Step::AppendEvent(event));
    // If the user is gone, another request was faster.
    let _ = core.accounts.commit(&change, now)?;
    core.sessions.delete_all_of(user.id)?;
    Ok(user)
}

fn change(
    core: &Core,
    operator: &Operator,
    name: &Username,
    kind: EventKind,
    now: Timestamp,
    change: impl Fn(User) -> User,
) -> Outcome<User, AdministerRefusal> {
    let user = find_user(core, operator, name)?;
    let event = operator.event(Some(user.id), kind, now);
    let steps = [Step::AppendEvent(event.clone())];
    let changed = change_user(core, user.id, now, &steps, |user| Some(change(user)))?;
    let changed = changed.ok_or(AdministerRefusal::Unknown)?;
    let notified = notify(core, &Admission::from(&changed), event, now);
    core.sessions.delete_all_of(changed.id)?;
    notified?;
    Ok(changed)
}
