//! Writing down what happened to an account, and telling its owner.

use thiserror::Error;

use super::Core;
use super::open_session::OpenSession;
use crate::event::{Event, EventKind};
use crate::mail::{Mail, MailContent, Recipient};
use crate::ports::{MailError, StoreError};
use crate::session::Device;
use crate::time::Timestamp;
use crate::user::User;

/// Something was done, but could not be written down, or the owner not be told.
#[derive(Debug, Error)]
pub enum NoticeError {
    /// It is not in the account's history.
    #[error("an event is missing in the history of an account")]
    Store(#[from] StoreError),
    /// The mail did not go out.
    #[error("the owner of an account was not told")]
    Mail(#[from] MailError),
}

/// Notes what happened to `user`, and sends a mail where one is due and mail arrives.
///
/// # Errors
/// The first [`NoticeError`]; the mail is tried also when the history fails.
pub fn notify(
    core: &Core,
    user: &User,
    kind: EventKind,
    device: Device,
    now: Timestamp,
) -> Result<(), NoticeError> {
    attempt(core, user, kind, device, now)
        .into_iter()
        .next()
        .map_or(Ok(()), Err)
}

/// Tries both, whatever comes of the other; what failed.
fn attempt(core: &Core, user: &User, kind: EventKind, device: Device, now: Timestamp) -> Vec<NoticeError> {
    let event = Event {
        user: user.id,
        at: now,
        kind,
        device,
    };
    let noted = core.history.append(&event).err().map(NoticeError::from);
    let address = user.confirmed_address().filter(|_| kind.is_told_by_mail());
    let told = address.and_then(|address| {
        let mail = Mail {
            to: Recipient::Address(address.clone()),
            name: user.name.clone(),
            content: MailContent::Notice(event),
        };
        core.mailer.send(&mail, now).err().map(NoticeError::from)
    });
    noted.into_iter().chain(told).collect()
}

impl OpenSession {
    /// Notes what this client did to `user`. It is done, so that a failure does not undo it.
    pub(super) fn note(&mut self, user: &User, kind: EventKind) {
        let failed = attempt(&self.core, user, kind, self.device.clone(), self.now);
        self.untold.extend(failed);
    }
}
