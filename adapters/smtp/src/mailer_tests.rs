//! The mailer with a server: sending, restarting and stopping.

use std::path::Path;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use kunci_domain::mail::{Mail, MailContent, Recipient};
use kunci_domain::ports::{MailError, Mailer};
use kunci_domain::{EmailAddress, LinkToken, Timestamp, Username};
use kunci_mail::{Composer, Outbox, Sender};
use kunci_testkit::fakes::{FakeClock, SeededEntropy};
use tempfile::TempDir;

use crate::delivery::{Delivery, DeliveryError};
use crate::fake_server::{Answer, FakeServer, Received, accept_all};
use crate::mailer::SmtpMailer;
use crate::smtp_delivery::SmtpDelivery;

const NOW: Timestamp = Timestamp::from_unix_millis(1_795_647_272_123);

fn outbox(path: &Path, limit: usize) -> Outbox {
    let sender = Sender::parse("no-reply@example.org").unwrap();
    let composer = Composer::new(sender, "https://example.org");
    Outbox::with_limit(path, limit, composer, Arc::new(SeededEntropy::new(1))).unwrap()
}

fn start(outbox: Outbox, delivery: impl Delivery + 'static) -> SmtpMailer {
    SmtpMailer::start(outbox, Box::new(delivery), Arc::new(FakeClock::new(NOW))).unwrap()
}

fn mailer(path: &Path, server: &FakeServer) -> SmtpMailer {
    let sender = Sender::parse("no-reply@example.org").unwrap();
    let sessions = SmtpDelivery::new(server.url("smtp+plain"), None, &sender).unwrap();
    start(outbox(path, 10), sessions)
}

fn mail(to: Recipient) -> Mail {
    Mail {
        to,
        name: Username::parse("ada").unwrap(),
        content: MailContent::ResetPassword(LinkToken::parse(&"0".repeat(64)).unwrap()),
    }
}

fn to_ada() -> Mail {
    mail(Recipient::Address(
        EmailAddress::parse("ada@example.org").unwrap(),
    ))
}

#[test]
fn mail_is_delivered_at_once_and_removed() {
    let (dir, server) = (TempDir::new().unwrap(), FakeServer::start(accept_all));
    let mailer = mailer(dir.path(), &server);
    mailer.send(&to_ada(), NOW).unwrap();
    assert!(server.mail().contains("https://example.org/link?token=000"));
    mailer.stop();
    assert!(outbox(dir.path(), 10).folder().list().unwrap().is_empty());
}

#[test]
fn remaining_mail_is_delivered_at_the_next_start() {
    let (dir, server) = (TempDir::new().unwrap(), FakeServer::start(accept_all));
    outbox(dir.path(), 10).send(&to_ada(), NOW).unwrap();
    let _mailer = mailer(dir.path(), &server);
    assert!(server.mail().contains("To: ada@example.org"));
}

#[test]
fn mail_to_nobody_never_reaches_the_server() {
    let (dir, server) = (TempDir::new().unwrap(), FakeServer::start(accept_all));
    let mailer = mailer(dir.path(), &server);
    mailer.send(&mail(Recipient::Nobody), NOW).unwrap();
    mailer.send(&to_ada(), NOW).unwrap();
    server.mail();
    mailer.stop();
    let mail = |event: &Received| matches!(event, Received::Mail(_));
    assert!(!server.rest().iter().any(mail));
}

#[test]
fn permanent_error_does_not_stop_the_next_mail() {
    fn refuse_bea(connection: usize, command: &str) -> Answer {
        match command {
            "RCPT TO:<bea@example.org>" => Answer::Line("550 no bea here"),
            _ => accept_all(connection, command),
        }
    }
    let (dir, server) = (TempDir::new().unwrap(), FakeServer::start(refuse_bea));
    let mailer = mailer(dir.path(), &server);
    let to_bea = Recipient::Address(EmailAddress::parse("bea@example.org").unwrap());
    mailer.send(&mail(to_bea), NOW).unwrap();
    server.command("RCPT");
    mailer.send(&to_ada(), NOW).unwrap();
    server.mail();
    mailer.stop();
    let failed = outbox(&dir.path().join("failed"), 10);
    assert_eq!(failed.folder().list().unwrap().len(), 1);
}

/// A delivery that blocks until the test releases it.
struct BlockingDelivery {
    started: SyncSender<()>,
    released: Mutex<Receiver<()>>,
}

impl Delivery for BlockingDelivery {
    fn deliver(&self, _to: &EmailAddress, _message: &[u8]) -> Result<(), DeliveryError> {
        self.started.send(()).unwrap();
        // The test releases it by dropping the sender.
        let _ = self.released.lock().unwrap().recv();
        Ok(())
    }
}

#[test]
fn silent_server_blocks_no_sender_until_the_spool_is_full() {
    let dir = TempDir::new().unwrap();
    let (started, has_started) = sync_channel(10);
    let (release, released) = sync_channel(0);
    let released = Mutex::new(released);
    let mailer = start(outbox(dir.path(), 3), BlockingDelivery { started, released });
    mailer.send(&to_ada(), NOW).unwrap();
    has_started.recv().unwrap();
    mailer.send(&to_ada(), NOW).unwrap();
    mailer.send(&to_ada(), NOW).unwrap();
    let full = mailer.send(&to_ada(), NOW);
    assert!(matches!(full, Err(MailError::Full)), "{full:?}");
    drop(release);
    // The two other mails follow the first one.
    has_started.recv().unwrap();
    has_started.recv().unwrap();
}

#[test]
fn stop_keeps_remaining_mails_in_the_spool() {
    let dir = TempDir::new().unwrap();
    let (started, has_started) = sync_channel(10);
    let (release, released) = sync_channel(0);
    let released = Mutex::new(released);
    let mailer = start(outbox(dir.path(), 3), BlockingDelivery { started, released });
    mailer.send(&to_ada(), NOW).unwrap();
    has_started.recv().unwrap();
    mailer.send(&to_ada(), NOW).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| mailer.stop());
        while !mailer.is_stopping() {
            std::thread::yield_now();
        }
        drop(release);
    });
    assert_eq!(outbox(dir.path(), 3).folder().list().unwrap().len(), 1);
    assert!(has_started.try_recv().is_err());
}

#[test]
fn stop_may_be_called_twice() {
    let (dir, server) = (TempDir::new().unwrap(), FakeServer::start(accept_all));
    let mailer = mailer(dir.path(), &server);
    mailer.stop();
    mailer.stop();
    mailer.send(&to_ada(), NOW).unwrap();
    drop(mailer);
    assert_eq!(outbox(dir.path(), 10).folder().list().unwrap().len(), 1);
    assert!(server.rest().is_empty());
}

/// Runs the conformance suite of the `Mailer` port while the server is unreachable.
mod conformance {
    use kunci_domain::EmailAddress;
    use kunci_domain::ports::{MailError, Mailer};
    use kunci_testkit::suites::mailer::ROOM;
    use tempfile::TempDir;

    use super::{Delivery, DeliveryError, Mail, SmtpMailer, Timestamp, outbox, start};

    struct Unreachable;

    impl Delivery for Unreachable {
        fn deliver(&self, _to: &EmailAddress, _message: &[u8]) -> Result<(), DeliveryError> {
            Err(DeliveryError::Unreachable("unreachable".to_owned()))
        }
    }

    struct TemporaryMailer {
        mailer: SmtpMailer,
        dir: TempDir,
    }

    impl TemporaryMailer {
        fn new() -> Self {
            let dir = TempDir::new().unwrap();
            let mailer = start(outbox(dir.path(), ROOM), Unreachable);
            Self { mailer, dir }
        }

        /// Counts the mails in the spool and those that were too old for the clock of this test.
        fn stored(&self) -> usize {
            self.mailer.stop();
            let count = |path: &std::path::Path| outbox(path, ROOM).folder().list().unwrap().len();
            count(self.dir.path()) + count(&self.dir.path().join("failed"))
        }
    }

    impl Mailer for TemporaryMailer {
        fn send(&self, mail: &Mail, now: Timestamp) -> Result<(), MailError> {
            self.mailer.send(mail, now)
        }
    }

    kunci_testkit::mailer_suite!(TemporaryMailer::new(), TemporaryMailer::stored);
}
