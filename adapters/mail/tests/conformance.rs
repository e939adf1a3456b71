//! Runs the conformance suite of the `Mailer` port on an outbox.

#![allow(clippy::unwrap_used, reason = "a failed set-up fails the test")]

use std::sync::Arc;

use kunci_crypto::RandEntropy;
use kunci_domain::Timestamp;
use kunci_domain::mail::Mail;
use kunci_domain::ports::{MailError, Mailer};
use kunci_mail::{Composer, Outbox, Sender};
use kunci_testkit::suites::mailer::ROOM;
use tempfile::TempDir;

/// An outbox in a temporary folder.
struct TemporaryOutbox {
    outbox: Outbox,
    _dir: TempDir,
}

impl TemporaryOutbox {
    fn new() -> Self {
        let dir = TempDir::new().unwrap();
        let sender = Sender::parse("no-reply@example.org").unwrap();
        let composer = Composer::new(sender, "https://example.org");
        Self {
            outbox: Outbox::with_limit(dir.path(), ROOM, composer, Arc::new(RandEntropy)).unwrap(),
            _dir: dir,
        }
    }

    fn stored(&self) -> usize {
        self.outbox.folder().list().unwrap().len()
    }
}

impl Mailer for TemporaryOutbox {
    fn send(&self, mail: &Mail, now: Timestamp) -> Result<(), MailError> {
        self.outbox.send(mail, now)
    }
}

kunci_testkit::mailer_suite!(TemporaryOutbox::new(), TemporaryOutbox::stored);
