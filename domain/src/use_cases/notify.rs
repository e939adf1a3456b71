//! Notifies the owner of an account of an event.

use thiserror::Error;

use super::Core;
use crate::admission::Admission;
use crate::event::Event;
use crate::mail::{Mail, MailContent, Recipient};
use crate::ports::{MailError, StoreError};
use crate::time::Timestamp;

/// An action succeeded, but its event was not recorded or the owner was not notified.
#[derive(Debug, Error)]
pub enum NoticeError {
    /// The event was not recorded in the history of the account.
    #[error("an event could not be added to the history of an account")]
    Store(#[from] StoreError),
    /// The mail was not accepted for delivery.
    #[error("the owner of an account could not be notified")]
    Mail(#[from] MailError),
}

/// Sends the owner of an account a mail about a recorded event, if the event requires one and the address is
/// confirmed.
///
/// # Errors
/// [`NoticeError::Mail`].
pub(super) fn notify(core: &Core, user: &Admission, event: Event, now: Timestamp) -> Result<(), NoticeError> {
    let address = user.confirmed_address().filter(|_| event.kind.sends_notice());
    let Some(address) = address else {
        return Ok(());
    };
    let mail = Mail {
        to: Recipient::Address(address.clone()),
        name: user.name.clone(),
        content: MailContent::Notice(event),
    };
    Ok(core.mailer.send(&mail, now)?)
}
