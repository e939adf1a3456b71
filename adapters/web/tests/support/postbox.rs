//! A mailer that keeps what it is given, for tests to look at, and fails when told to.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use kunci_domain::mail::{Mail, MailContent, Recipient};
use kunci_domain::ports::{MailError, Mailer};
use kunci_domain::{EventKind, LinkToken, Timestamp};

#[derive(Debug, Default)]
pub struct Postbox {
    mails: Mutex<Vec<Mail>>,
    broken: AtomicBool,
}

impl Mailer for Postbox {
    fn send(&self, mail: &Mail, _: Timestamp) -> Result<(), MailError> {
        if self.broken.load(Ordering::Relaxed) {
            return Err(MailError::Failed("the disk is full".into()));
        }
        self.mails.lock().unwrap().push(mail.clone());
        Ok(())
    }
}

impl Postbox {
    pub fn set_broken(&self, broken: bool) {
        self.broken.store(broken, Ordering::Relaxed);
    }

    /// Takes out every mail so far.
    pub fn take(&self) -> Vec<Mail> {
        std::mem::take(&mut *self.mails.lock().unwrap())
    }

    /// The token of the latest link that went to an address; the others go, too.
    #[track_caller]
    pub fn take_link(&self) -> LinkToken {
        let links = self.take().into_iter().rev().filter_map(|mail| link(&mail));
        links.into_iter().next().expect("a link was sent")
    }

    /// What the owner was told of, and where.
    pub fn take_notices(&self) -> Vec<(String, EventKind)> {
        let notices = self.take().into_iter().filter_map(|mail| match mail.content {
            MailContent::Notice(event) => Some((address(&mail.to), event.kind)),
            _ => None,
        });
        notices.collect()
    }
}

fn link(mail: &Mail) -> Option<LinkToken> {
    match (&mail.to, &mail.content) {
        (Recipient::Nobody, _) | (_, MailContent::Notice(_)) => None,
        (
            Recipient::Address(_),
            MailContent::ConfirmAddress(token)
            | MailContent::ConfirmNewAddress(token)
            | MailContent::ResetPassword(token),
        ) => Some(token.clone()),
    }
}

fn address(to: &Recipient) -> String {
    match to {
        Recipient::Address(address) => address.as_str().to_owned(),
        Recipient::Nobody => String::new(),
    }
}
