//! The mailer as a whole, against a server: what `send` waits for, what a restart brings, how it ends.

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

use crate::courier::{Courier, Refusal};
use crate::fake_server::{Answer, FakeServer, Heard, polite};
use crate::mailer::SmtpMailer;
use crate::session::Sessions;

const NOW: Timestamp = Timestamp::from_unix_millis(1_795_647_272_123);

fn outbox(path: &Path, limit: usize) -> Outbox {
    let sender = Sender::parse("no-reply@example.org").unwrap();
    let composer = Composer::new(sender, "https://example.org");
    Outbox::with_limit(path, limit, composer, Arc::new(SeededEntropy::new(1))).unwrap()
}

fn start(outbox: Outbox, courier: impl Courier + 'static) -> SmtpMailer {
    SmtpMailer::start(outbox, Box::new(courier), Arc::new(FakeClock::new(NOW))).unwrap()
}

fn mailer(path: &Path, server: &FakeServer) -> SmtpMailer {
    let sender = Sender::parse("no-reply@example.org").unwrap();
    let sessions = Sessions::new(server.url("smtp+plain"), None, &sender).unwrap();
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
fn a_mail_is_delivered_as_soon_as_it_is_sent_and_then_removed() {
    let (dir, server) = (TempDir::new().unwrap(), FakeServer::start(polite));
    let mailer = mailer(dir.path(), &server);
    mailer.send(&to_ada(), NOW).unwrap();
    assert!(server.mail().contains("https://example.org/link?token=000"));
    mailer.stop();
    assert!(outbox(dir.path(), 10).folder().list().unwrap().is_empty());
}

#[test]
fn what_was_left_is_delivered_at_the_next_start() {
    let (dir, server) = (TempDir::new().unwrap(), FakeServer::start(polite));
    outbox(dir.path(), 10).send(&to_ada(), NOW).unwrap();
    let _mailer = mailer(dir.path(), &server);
    assert!(server.mail().contains("To: <ada@example.org>"));
}

#[test]
fn a_mail_to_nobody_never_reaches_the_server() {
    let (dir, server) = (TempDir::new().unwrap(), FakeServer::start(polite));
    let mailer = mailer(dir.path(), &server);
    mailer.send(&mail(Recipient::Nobody), NOW).unwrap();
    mailer.send(&to_ada(), NOW).unwrap();
    server.mail();
    mailer.stop();
    let mail = |heard: &Heard| matches!(heard, Heard::Mail(_));
    assert!(!server.rest().iter().any(mail));
}

#[test]
fn a_refusal_for_good_is_put_away_and_the_next_mail_is_delivered() {
    fn no_bea(connection: usize, command: &str) -> Answer {
        match command {
            "RCPT TO:<bea@example.org>" => Answer::Line("550 no bea here"),
            _ => polite(connection, command),
        }
    }
    let (dir, server) = (TempDir::new().unwrap(), FakeServer::start(no_bea));
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

/// A courier that takes as long as the test likes.
struct Stuck {
    began: SyncSender<()>,
    goes_on: Mutex<Receiver<()>>,
}

impl Courier for Stuck {
    fn deliver(&self, _to: &EmailAddress, _message: &[u8]) -> Result<(), Refusal> {
        self.began.send(()).unwrap();
        // The test ends it by hanging up.
        let _ = self.goes_on.lock().unwrap().recv();
        Ok(())
    }
}

#[test]
fn a_server_that_does_not_answer_holds_up_nobody_until_there_is_no_place_left() {
    let dir = TempDir::new().unwrap();
    let (began, begun) = sync_channel(10);
    let (go_on, goes_on) = sync_channel(0);
    let goes_on = Mutex::new(goes_on);
    let mailer = start(outbox(dir.path(), 3), Stuck { began, goes_on });
    mailer.send(&to_ada(), NOW).unwrap();
    begun.recv().unwrap();
    mailer.send(&to_ada(), NOW).unwrap();
    mailer.send(&to_ada(), NOW).unwrap();
    let full = mailer.send(&to_ada(), NOW);
    assert!(matches!(full, Err(MailError::Full)), "{full:?}");
    drop(go_on);
    // The two that waited are delivered, once the first one is.
    begun.recv().unwrap();
    begun.recv().unwrap();
}

#[test]
fn a_stop_leaves_what_is_left_to_the_next_start() {
    let dir = TempDir::new().unwrap();
    let (began, begun) = sync_channel(10);
    let (go_on, goes_on) = sync_channel(0);
    let goes_on = Mutex::new(goes_on);
    let mailer = start(outbox(dir.path(), 3), Stuck { began, goes_on });
    mailer.send(&to_ada(), NOW).unwrap();
    begun.recv().unwrap();
    mailer.send(&to_ada(), NOW).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| mailer.stop());
        while !mailer.is_stopping() {
            std::thread::yield_now();
        }
        drop(go_on);
    });
    assert_eq!(outbox(dir.path(), 3).folder().list().unwrap().len(), 1);
    assert!(begun.try_recv().is_err());
}

#[test]
fn stopping_twice_is_stopping_once() {
    let (dir, server) = (TempDir::new().unwrap(), FakeServer::start(polite));
    let mailer = mailer(dir.path(), &server);
    mailer.stop();
    mailer.stop();
    mailer.send(&to_ada(), NOW).unwrap();
    drop(mailer);
    assert_eq!(outbox(dir.path(), 10).folder().list().unwrap().len(), 1);
    assert!(server.rest().is_empty());
}

/// The promises of the port, while the server is away.
mod conformance {
    use kunci_domain::EmailAddress;
    use kunci_domain::ports::{MailError, Mailer};
    use kunci_testkit::suites::mailer::ROOM;
    use tempfile::TempDir;

    use super::{Courier, Mail, Refusal, SmtpMailer, Timestamp, outbox, start};

    struct Away;

    impl Courier for Away {
        fn deliver(&self, _to: &EmailAddress, _message: &[u8]) -> Result<(), Refusal> {
            Err(Refusal::Unreachable("it is away".to_owned()))
        }
    }

    struct Opened {
        mailer: SmtpMailer,
        dir: TempDir,
    }

    impl Opened {
        fn new() -> Self {
            let dir = TempDir::new().unwrap();
            let mailer = start(outbox(dir.path(), ROOM), Away);
            Self { mailer, dir }
        }

        /// Also those that were too old for the clock of this test, which are put away.
        fn waiting(&self) -> usize {
            self.mailer.stop();
            let count = |path: &std::path::Path| outbox(path, ROOM).folder().list().unwrap().len();
            count(self.dir.path()) + count(&self.dir.path().join("failed"))
        }
    }

    impl Mailer for Opened {
        fn send(&self, mail: &Mail, now: Timestamp) -> Result<(), MailError> {
            self.mailer.send(mail, now)
        }
    }

    kunci_testkit::mailer_suite!(Opened::new(), Opened::waiting);
}
