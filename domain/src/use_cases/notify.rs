//! Records events in the history of an account and notifies its owner.

use thiserror::Error;

use super::Core;
use super::open_session::OpenSession;
use crate::event::{Event, EventKind};
use crate::mail::{Mail, MailContent, Recipient};
use crate::ports::{MailError, StoreError};
use crate::session::Device;
use crate::time::Timestamp;
use crate::user::User;

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

/// Records what happened to `user`, and sends a mail if the event requires one and the address is confirmed.
///
/// # Errors
/// The first [`NoticeError`]. The mail is sent even if recording fails.
pub fn notify(
    core: &Core,
    user: &User,
    kind: EventKind,
    device: Device,
    now: Timestamp,
) -> Result<(), NoticeError> {
    record_and_mail(core, user, kind, device, now)
        .into_iter()
        .next()
        .map_or(Ok(()), Err)
}

/// Records and sends independently, and returns what failed.
fn record_and_mail(
    core: &Core,
    user: &User,
    kind: EventKind,
    device: Device,
    now: Timestamp,
) -> Vec<NoticeError> {
    let event = Event {
        user: user.id,
        at: now,
        kind,
        device,
    };
    let recorded = core.history.append(&event).err().map(NoticeError::from);
    let address = user.confirmed_address().filter(|_| kind.sends_notice());
    let mailed = address.and_then(|address| {
        let mail = Mail {
            to: Recipient::Address(address.clone()),
            name: user.name.clone(),
            content: MailContent::Notice(event),
        };
        core.mailer.send(&mail, now).err().map(NoticeError::from)
    });
    recorded.into_iter().chain(mailed).collect()
}

impl OpenSession {
    /// Records what this client did to `user`. A failure does not undo the action.
    pub(super) fn record_event(&mut self, user: &User, kind: EventKind) {
        let failed = record_and_mail(&self.core, user, kind, self.device.clone(), self.now);
        self.failed_notices.extend(failed);
    }
}
