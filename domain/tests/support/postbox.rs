//! A mailer that keeps what it is given, for tests to look into.
//!
//! Left out: failing on demand, which the watch in front of it does.

use std::sync::{Mutex, PoisonError};

use kunci_domain::mail::{Mail, MailContent, Recipient};
use kunci_domain::ports::{MailError, Mailer};
use kunci_domain::{EventKind, LinkToken, Timestamp};

#[derive(Debug, Default)]
pub struct Postbox(Mutex<Vec<Mail>>);

impl Postbox {
    /// Takes every mail out, oldest first.
    pub fn take(&self) -> Vec<Mail> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes every mail out and tells where it went and what it was about.
    pub fn take_told(&self) -> Vec<(String, String)> {
        let told = |mail: &Mail| (address(&mail.to), subject(&mail.content));
        self.take().iter().map(told).collect()
    }

    /// Takes every mail out; the link in the one that has one.
    #[track_caller]
    pub fn take_link(&self) -> LinkToken {
        let links = self.take().into_iter().filter_map(|mail| link(mail.content));
        links.last().expect("a mail with a link")
    }
}

impl Mailer for Postbox {
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

/// What a mail of this kind of notice is told as.
pub fn notice(to: &str, kind: EventKind) -> (String, String) {
    (to.to_owned(), kind.as_str().to_owned())
}
