//! Confirms and changes the email address of an account.

use thiserror::Error;

use super::Core;
use super::auth_state::AuthorityError;
use super::change_user::change_user;
use super::links::{Grant, IssueError, LinkError, acts_on, inspect_link, issue, spend_for_user};
use super::notify::NoticeError;
use super::open_session::OpenSession;
use super::throttling::{Charge, ThrottleError};
use crate::email::{EmailAddress, EmailAddressError};
use crate::event::{Event, EventKind};
use crate::mail::{Mail, MailContent, Recipient};
use crate::one_time_token::{LinkToken, OneTimeToken, Purpose};
use crate::ports::StoreError;
use crate::time::Timestamp;
use crate::user::User;

/// Why no confirmation mail was sent.
#[derive(Debug, Error)]
pub enum AddressError {
    /// No user is signed in, or the user must re-authenticate.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// The text is not an email address.
    #[error(transparent)]
    Invalid(#[from] EmailAddressError),
    /// The account has no unconfirmed address.
    #[error("there is no address to confirm")]
    NothingToConfirm,
    /// Too many mails were requested.
    #[error(transparent)]
    Throttle(#[from] ThrottleError),
    /// The mail could not be created or accepted for delivery.
    #[error(transparent)]
    Issue(#[from] IssueError),
}

/// Sends a link to a new address. The address replaces the present one when the link is confirmed.
///
/// # Errors
/// Any [`AddressError`].
pub fn change_address(open: &OpenSession, new: &str) -> Result<(), AddressError> {
    let user = open.fresh_account()?;
    let address = EmailAddress::parse(new)?;
    let _ = charge(open, user)?;
    send(&open.core, user, Purpose::ChangeAddress, &address, open.now)?;
    Ok(())
}

/// Sends the link to confirm the account's address again.
///
/// # Errors
/// Any [`AddressError`].
pub fn resend_confirmation(open: &OpenSession) -> Result<(), AddressError> {
    let user = open.account().ok_or(AuthorityError::NotSignedIn)?;
    let waiting = user.email.as_ref().filter(|_| user.email_confirmed_at.is_none());
    let address = waiting.ok_or(AddressError::NothingToConfirm)?;
    let _ = charge(open, user)?;
    send(&open.core, user, Purpose::ConfirmAddress, address, open.now)?;
    Ok(())
}

/// Charges a mail to the account and to the network. Without the charge to the network, a client with many
/// accounts could have many mails sent to a third party.
fn charge<'c>(open: &'c OpenSession, user: &User) -> Result<Charge<'c>, ThrottleError> {
    let (id, budget) = (user.id.as_i64().to_be_bytes(), open.core.accounts.budgets.mails);
    Charge::mail(&open.core, &open.device, open.now)?.also("mails to confirm", &[&id], budget)
}

/// Sends a link that confirms an address.
pub(super) fn send(
    core: &Core,
    user: &User,
    purpose: Purpose,
    address: &EmailAddress,
    now: Timestamp,
) -> Result<(), IssueError> {
    let grant = Grant {
        address: Some(address.clone()),
        ..Grant::for_user(purpose, user, now)
    };
    let token = issue(core, &grant, now)?;
    let content = match purpose {
        Purpose::ChangeAddress => MailContent::ConfirmNewAddress(token),
        _ => MailContent::ConfirmAddress(token),
    };
    let mail = Mail {
        to: Recipient::Address(address.clone()),
        name: user.name.clone(),
        content,
    };
    Ok(core.mailer.send(&mail, now)?)
}

/// Confirms the address of an account, or replaces it by the new one and notifies the old one. Links that
/// were sent to the old address become invalid.
///
/// # Errors
/// Any [`LinkError`]. If a store fails, the link may be used up.
pub fn confirm_address(open: &mut OpenSession, token: &LinkToken) -> Result<(), LinkError> {
    let purpose = match inspect_link(open, token)?.purpose {
        purpose @ (Purpose::ConfirmAddress | Purpose::ChangeAddress) => purpose,
        _ => return Err(LinkError::Dead),
    };
    let (spent, before) = spend_for_user(open, token, purpose)?;
    let confirmed = confirm(&open.core, &spent, open.now)?.ok_or(LinkError::Dead)?;
    match purpose {
        Purpose::ChangeAddress => {
            open.record_event(&confirmed, EventKind::AddressChanged);
            notify_old_address(open, &before, &confirmed);
        }
        _ => open.record_event(&confirmed, EventKind::AddressConfirmed),
    }
    Ok(())
}

fn confirm(core: &Core, spent: &OneTimeToken, now: Timestamp) -> Result<Option<User>, StoreError> {
    let (Some((id, _)), Some(address)) = (spent.account, &spent.address) else {
        return Ok(None);
    };
    change_user(core, id, |user| {
        acts_on(spent, &user).then(|| User {
            email: Some(address.clone()),
            email_confirmed_at: Some(now),
            ..user
        })
    })
}

/// Notifies the old address, confirmed or not, that the account no longer uses it (OWASP ASVS 5.0, 6.3.7).
fn notify_old_address(open: &mut OpenSession, before: &User, after: &User) {
    let former = before.email.clone().filter(|_| before.email != after.email);
    let Some(address) = former else {
        return;
    };
    let event = Event {
        user: before.id,
        at: open.now,
        kind: EventKind::AddressChanged,
        device: open.device.clone(),
    };
    let mail = Mail {
        to: Recipient::Address(address),
        name: before.name.clone(),
        content: MailContent::Notice(event),
    };
    let sent = open.core.mailer.send(&mail, open.now);
    open.failed_notices.extend(sent.map_err(NoticeError::from).err());
}
