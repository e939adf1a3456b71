//! Confirms and changes the email address of an account.

use thiserror::Error;

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
/// If any clients have had too many mails sent to the address, none is sent. The client does not learn
/// this, because it would reveal that others have used the address here.
///
/// # Errors
/// Any [`AddressRefusal`], or a [`Failure`].
pub fn change_address(open: &OpenSession, new: &str) -> Outcome<(), AddressRefusal> {
    let user = open.fresh_account()?;
    let address = EmailAddress::choose(new)?;
    Ok(send_within_limits(open, user, Purpose::ChangeAddress, &address)?)
}

/// Sends the link to confirm the account's address again, under the same limits as [`change_address`].
///
/// # Errors
/// Any [`AddressRefusal`], or a [`Failure`].
pub fn resend_confirmation(open: &OpenSession) -> Outcome<(), AddressRefusal> {
    let user = open.account().ok_or(AuthorityError::NotSignedIn)?;
    let waiting = user.email.as_ref().filter(|_| user.email_confirmed_at.is_none());
    let address = waiting.ok_or(AddressRefusal::NothingToConfirm)?;
    Ok(send_within_limits(open, user, Purpose::ConfirmAddress, address)?)
}

/// Sends a link that confirms an address, unless one of the limits is reached.
///
/// Mails are charged to the network, the account and the address. With many networks and accounts, a client
/// could otherwise have many mails sent to a third party.
fn send_within_limits(
    open: &OpenSession,
    user: &Admission,
    purpose: Purpose,
    address: &EmailAddress,
) -> Outcome<(), Throttled> {
    let charge = Charge::mail(&open.context)?.also_confirmation(user.id)?;
    charge.spend()?;
    // An earlier link stays valid if no new one is sent.
    if Charge::mail_to(&open.context, address)? {
        send(open, user, purpose, address)?;
    }
    Ok(())
}

/// Sends a link that confirms an address.
fn send(
    open: &OpenSession,
    user: &Admission,
    purpose: Purpose,
    address: &EmailAddress,
) -> Result<(), Failure> {
    let grant = grant(user, purpose, address, open.now());
    let token = issue(open.core(), &grant, &[], open.now())?;
    let content = match purpose {
        Purpose::ChangeAddress => MailContent::ConfirmNewAddress(token),
        _ => MailContent::ConfirmAddress(token),
    };
    Ok(mail(open, user, address, content)?)
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
    open: &OpenSession,
    user: &Admission,
    address: &EmailAddress,
    content: MailContent,
) -> Result<(), MailError> {
    let mail = Mail {
        to: Recipient::Address(address.clone()),
        name: user.name.clone(),
        content,
    };
    open.core().mailer.send(&mail, open.now())
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
    let confirmed = change_user(open.core(), before.id, open.now(), &steps, |user| {
        acts_on(&link, &user).then(|| User {
            email: Some(address.clone()),
            email_confirmed_at: Some(open.now()),
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
    let sent = mail_to_former(open, before, &address, event);
    open.failed_notices.extend(sent.err());
}

/// Sends the notice, unless the address was never confirmed and too many mails were sent to it. Otherwise
/// strangers could have any number of notices sent to it.
fn mail_to_former(
    open: &OpenSession,
    before: &Admission,
    address: &EmailAddress,
    event: Event,
) -> Result<(), NoticeError> {
    if before.email_confirmed_at.is_none() && !Charge::mail_to(&open.context, address)? {
        return Ok(());
    }
    Ok(mail(open, before, address, MailContent::Notice(event))?)
}
