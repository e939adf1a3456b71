//! Records events in the history of an account and notifies its owner.

use thiserror::Error;

use super::Core;
use super::open_session::OpenSession;
use crate::account_change::Step;
use crate::admission::Admission;
use crate::event::{Actor, Event, EventKind};
use crate::mail::{Mail, MailContent, Recipient};
use crate::ports::{MailError, StoreError};
use crate::time::Timestamp;
use crate::user::UserId;

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

impl OpenSession {
    /// Returns the event that this client did something to a user.
    pub(super) fn event(&self, user: UserId, kind: EventKind) -> Event {
        Event {
            actor: Actor::Owner,
            target: Some(user),
            at: self.context.now,
            kind,
            device: self.context.device.clone(),
        }
    }

    /// Sends the notice of an event that was recorded. A failure does not undo the action.
    pub(super) fn notify(&mut self, user: &Admission, event: Event) {
        let sent = notify(&self.context.core, user, event, self.context.now);
        self.failed_notices.extend(sent.err());
    }

    /// Records an event that changes no account, and notifies the owner. A failure does not undo the action.
    pub(super) fn record_event(&mut self, user: &Admission, kind: EventKind) {
        let event = self.event(user.id, kind);
        let change = Step::AppendEvent(event.clone()).into();
        // Appending has no precondition, so the outcome is always the same.
        let recorded = self
            .context
            .core
            .accounts
            .commit(&change, self.context.now)
            .map(|_| ());
        self.failed_notices.extend(recorded.err().map(NoticeError::from));
        self.notify(user, event);
    }
}
