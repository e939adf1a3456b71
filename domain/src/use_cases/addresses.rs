//! Confirms and changes the email address of an account.

use thiserror::Error;

use super::Core;
use super::auth_state::AuthorityError;
use super::change_user::change_user;
use super::links::{Grant, LinkRefusal, acts_on, issue, link_for_user, spend};
use super::notify::NoticeError;
use super::open_session::OpenSession;
use super::throttling::{Charge, Throttled};
use super::use_case_error::{Failure, Outcome, refusals};
use crate::account_change::Step;
use crate::admission::Admission;
use crate::email::{EmailAddress, EmailAddressError};
use crate::event::{Event, EventKind};
use crate::mail::{Mail, MailContent, Recipient};
use crate::one_time_token::{LinkToken, Purpose};
use crate::ports::MailError;
use crate::time::Timestamp;
use crate::user::User;

/// Why no confirmation mail was sent.
#[derive(Debug, Error)]
pub enum AddressRefusal {
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
    Throttled(#[from] Throttled),
}
refusals!(AddressRefusal: AuthorityError, EmailAddressError, Throttled);

/// Sends a link to a new address. The address replaces the present one when the link is confirmed.
///
/// # Errors
/// Any [`AddressRefusal`], or a [`Failure`].
pub fn change_address(open: &OpenSession, new: &str) -> Outcome<(), AddressRefusal> {
    let user = open.fresh_account()?;
    let address = EmailAddress::parse(new)?;
    charge(open, user)?;
    send(
        &open.context.core,
        user,
        Purpose::ChangeAddress,
        &address,
        open.context.now,
    )?;
    Ok(())
}

/// Sends the link to confirm the account's address again.
///
/// # Errors
/// Any [`AddressRefusal`], or a [`Failure`].
pub fn resend_confirmation(open: &OpenSession) -> Outcome<(), AddressRefusal> {
    let user = open.account().ok_or(AuthorityError::NotSignedIn)?;
    let waiting = user.email.as_ref().filter(|_| user.email_confirmed_at.is_none());
    let address = waiting.ok_or(AddressRefusal::NothingToConfirm)?;
    charge(open, user)?;
    send(
        &open.context.core,
        user,
        Purpose::ConfirmAddress,
        address,
        open.context.now,
    )?;
    Ok(())
}

/// Charges a mail to the account and to the network. Without the charge to the network, a client with many
/// accounts could have many mails sent to a third party.
fn charge(open: &OpenSession, user: &Admission) -> Outcome<(), Throttled> {
    let (id, budget) = (
        user.id.as_i64().to_be_bytes(),
        open.context.core.account_policy.budgets.mails,
    );
    let charge = Charge::mail(&open.context)?.also("mails to confirm", &[&id], budget)?;
    Ok(charge.spend()?)
}

/// Sends a link that confirms an address.
fn send(
    core: &Core,
    user: &Admission,
    purpose: Purpose,
    address: &EmailAddress,
    now: Timestamp,
) -> Result<(), Failure> {
    let token = issue(core, &grant(user, purpose, address, now), &[], now)?;
    let content = match purpose {
        Purpose::ChangeAddress => MailContent::ConfirmNewAddress(token),
        _ => MailContent::ConfirmAddress(token),
    };
    Ok(mail(core, user, address, content, now)?)
}

/// Returns the grant of a link that confirms an address.
pub(super) fn grant(user: &Admission, purpose: Purpose, address: &EmailAddress, now: Timestamp) -> Grant {
    Grant {
        address: Some(address.clone()),
        ..Grant::for_user(purpose, user, now)
    }
}

/// Sends a mail for a user to an address.
pub(super) fn mail(
    core: &Core,
    user: &Admission,
    address: &EmailAddress,
    content: MailContent,
    now: Timestamp,
) -> Result<(), MailError> {
    let mail = Mail {
        to: Recipient::Address(address.clone()),
        name: user.name.clone(),
        content,
    };
    core.mailer.send(&mail, now)
}

/// Confirms the address of an account, or replaces it by the new one and notifies the old one. Links that
/// were sent to the old address become invalid.
///
/// Spending the link, the new address and the event are one commit.
///
/// # Errors
/// Any [`LinkRefusal`], or a [`Failure`]. Nothing is then changed.
pub fn confirm_address(open: &mut OpenSession, token: &LinkToken) -> Outcome<(), LinkRefusal> {
    let (link, before) = link_for_user(open, token, &[Purpose::ConfirmAddress, Purpose::ChangeAddress])?;
    let address = link.address.clone().ok_or(LinkRefusal::Dead)?;
    let kind = match link.purpose {
        Purpose::ChangeAddress => EventKind::AddressChanged,
        _ => EventKind::AddressConfirmed,
    };
    let event = open.event(before.id, kind);
    let steps = [spend(&link), Step::AppendEvent(event.clone())];
    let confirmed = change_user(&open.context.core, before.id, open.context.now, &steps, |user| {
        acts_on(&link, &user).then(|| User {
            email: Some(address.clone()),
            email_confirmed_at: Some(open.context.now),
            ..user
        })
    })?;
    let confirmed = Admission::from(&confirmed.ok_or(LinkRefusal::Dead)?);
    open.notify(&confirmed, event.clone());
    if kind == EventKind::AddressChanged {
        notify_old_address(open, &Admission::from(&before), &confirmed, event);
    }
    Ok(())
}

/// Notifies the old address, confirmed or not, that the account no longer uses it (OWASP ASVS 5.0, 6.3.7).
fn notify_old_address(open: &mut OpenSession, before: &Admission, after: &Admission, event: Event) {
    let former = before.email.clone().filter(|_| before.email != after.email);
    let Some(address) = former else {
        return;
    };
    let sent = mail(
        &open.context.core,
        before,
        &address,
        MailContent::Notice(event),
        open.context.now,
    );
    open.failed_notices.extend(sent.map_err(NoticeError::from).err());
}
