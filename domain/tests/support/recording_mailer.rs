//! A mailer that keeps the mails for inspection.
//!
//! The watch in front of it makes it fail on demand.

use std::sync::{Mutex, PoisonError};

use kunci_domain::mail::{Mail, MailContent, Recipient};
use kunci_domain::ports::{MailError, Mailer};
use kunci_domain::{EventKind, LinkToken, Timestamp};

#[derive(Debug, Default)]
pub struct RecordingMailer(Mutex<Vec<Mail>>);

impl RecordingMailer {
    /// Removes and returns all mails, oldest first.
    pub fn take_mails(&self) -> Vec<Mail> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Removes all mails and returns the recipient and subject of each.
    pub fn take_sent(&self) -> Vec<(String, String)> {
        let summary = |mail: &Mail| (address(&mail.to), subject(&mail.content));
        self.take_mails().iter().map(summary).collect()
    }

    /// Removes all mails and returns the link of the latest one that has a link.
    #[track_caller]
    pub fn take_link(&self) -> LinkToken {
        let mut links = self
            .take_mails()
            .into_iter()
            .filter_map(|mail| link(mail.content));
        links.next_back().expect("a mail with a link")
    }
}

impl Mailer for RecordingMailer {
    fn send(&self, mail: &Mail, _: Timestamp) -> Result<(), MailError> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(mail.clone());
        Ok(())
    }
}

fn address(to: &Recipient) -> String {
    match to {
        Recipient::Address(address) => address.as_str().to_owned(),
        Recipient::Nobody => "nobody".to_owned(),
    }
}

fn subject(content: &MailContent) -> String {
    match content {
        MailContent::ConfirmAddress(_) => "confirm".to_owned(),
        MailContent::ConfirmNewAddress(_) => "confirm new".to_owned(),
        MailContent::ResetPassword(_) => "reset".to_owned(),
        MailContent::Notice(event) => event.kind.as_str().to_owned(),
    }
}

fn link(content: MailContent) -> Option<LinkToken> {
    match content {
        MailContent::ConfirmAddress(token)
        | MailContent::ConfirmNewAddress(token)
        | MailContent::ResetPassword(token) => Some(token),
        MailContent::Notice(_) => None,
    }
}

/// Returns the recipient and subject of a notice.
pub fn notice(to: &str, kind: EventKind) -> (String, String) {
    (to.to_owned(), kind.as_str().to_owned())
}
