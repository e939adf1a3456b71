//! Order, retries and time limits of the queue, with a fake clock.

use std::collections::VecDeque;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use kunci_domain::mail::{Mail, MailContent, Recipient};
use kunci_domain::ports::Mailer;
use kunci_domain::{EmailAddress, LinkToken, Timestamp, Username};
use kunci_mail::{Composer, Folder, Outbox, Sender};
use kunci_testkit::fakes::SeededEntropy;
use tempfile::TempDir;

use crate::delivery::{Delivery, DeliveryError};
use crate::queue::{INTERVAL, Queue};

const START: Timestamp = Timestamp::from_unix_millis(1_795_647_272_123);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(24 * 3_600);

type Results = Arc<Mutex<VecDeque<Result<(), DeliveryError>>>>;

/// A delivery with scripted results that records the recipients. After the script, every delivery succeeds.
#[derive(Clone, Default)]
struct Scripted {
    results: Results,
    recipients: Arc<Mutex<Vec<String>>>,
    stop: Arc<AtomicBool>,
    stop_on_delivery: Arc<AtomicBool>,
}

impl Delivery for Scripted {
    fn deliver(&self, to: &EmailAddress, message: &[u8]) -> Result<(), DeliveryError> {
        assert!(message.ends_with(b"\r\n"));
        self.recipients.lock().unwrap().push(to.as_str().to_owned());
        let stops = self.stop_on_delivery.load(Ordering::SeqCst);
        self.stop.fetch_or(stops, Ordering::SeqCst);
        self.results.lock().unwrap().pop_front().unwrap_or(Ok(()))
    }
}

struct Fixture {
    dir: TempDir,
    outbox: Outbox,
    delivery: Scripted,
    queue: Queue,
}

impl Fixture {
    fn new() -> Self {
        Self::within(TempDir::new().unwrap(), 100)
    }

    /// Opens a queue on an existing folder, as after a restart.
    fn within(dir: TempDir, failed_limit: usize) -> Self {
        let sender = Sender::parse("no-reply@example.org").unwrap();
        let composer = Composer::new(sender, "https://example.org");
        let outbox = Outbox::open(dir.path(), composer, Arc::new(SeededEntropy::new(1))).unwrap();
        let failed = Folder::open(&dir.path().join("failed"), failed_limit).unwrap();
        let delivery = Scripted::default();
        let queue = Queue::new(Arc::clone(outbox.folder()), failed, Box::new(delivery.clone()));
        Self {
            dir,
            outbox,
            delivery,
            queue,
        }
    }

    fn send(&self, name: &str, at: Timestamp) {
        let to = EmailAddress::parse(&format!("{name}@example.org")).unwrap();
        self.outbox.send(&mail(Recipient::Address(to)), at).unwrap();
    }

    fn script<const N: usize>(&self, results: [Result<(), DeliveryError>; N]) {
        self.delivery.results.lock().unwrap().extend(results);
    }

    /// Runs the queue once and returns the recipients and the wait until the next run.
    fn run_once(&mut self, now: Timestamp) -> (Vec<String>, Duration) {
        let next = self.queue.run_once(now, &self.delivery.stop);
        let recipients = std::mem::take(&mut *self.delivery.recipients.lock().unwrap());
        let names = recipients
            .iter()
            .map(|to| to.split('@').next().unwrap().to_owned());
        (names.collect(), next.since(now))
    }

    #[track_caller]
    fn check(&mut self, after: Duration, tried: &[&str], wait: Duration) {
        assert_eq!(
            self.run_once(START.after(after)),
            (tried.iter().map(|&it| it.to_owned()).collect(), wait)
        );
    }

    fn spooled(&self) -> usize {
        mails(self.dir.path())
    }

    fn failed(&self) -> usize {
        mails(&self.dir.path().join("failed"))
    }
}

fn mails(path: &Path) -> usize {
    let names = fs::read_dir(path)
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    names
        .filter(|name| name.to_string_lossy().ends_with(".eml"))
        .count()
}

fn mail(to: Recipient) -> Mail {
    Mail {
        to,
        name: Username::parse("ada").unwrap(),
        content: MailContent::ResetPassword(LinkToken::parse(&"0".repeat(64)).unwrap()),
    }
}

fn temporary() -> Result<(), DeliveryError> {
    Err(DeliveryError::Temporary("not now".to_owned()))
}

fn permanent() -> Result<(), DeliveryError> {
    Err(DeliveryError::Permanent("no".to_owned()))
}

fn unreachable() -> Result<(), DeliveryError> {
    Err(DeliveryError::Unreachable("away".to_owned()))
}

#[test]
fn messages_are_delivered_oldest_first_and_removed() {
    let mut fixture = Fixture::new();
    fixture.send("second", START.after(MINUTE));
    fixture.send("first", START);
    fixture.check(MINUTE, &["first", "second"], INTERVAL);
    fixture.check(MINUTE, &[], INTERVAL);
    assert_eq!((fixture.spooled(), fixture.failed()), (0, 0));
}

#[test]
fn temporary_error_is_retried_with_waits_up_to_an_hour() {
    let mut fixture = Fixture::new();
    fixture.send("ada", START);
    let mut at = Duration::ZERO;
    for minutes in [1, 2, 4, 8, 16, 32, 60, 60, 60] {
        fixture.script([temporary()]);
        fixture.check(at, &["ada"], MINUTE);
        let almost = MINUTE * minutes - Duration::from_millis(1);
        assert_eq!(fixture.run_once(START.after(at + almost)).0, [""; 0], "{minutes}");
        at += MINUTE * minutes;
    }
    fixture.check(at, &["ada"], INTERVAL);
    assert_eq!((fixture.spooled(), fixture.failed()), (0, 0));
}

#[test]
fn temporary_error_does_not_delay_other_messages() {
    let mut fixture = Fixture::new();
    fixture.send("ada", START);
    fixture.send("bea", START.after(MINUTE));
    fixture.script([temporary()]);
    fixture.check(MINUTE, &["ada", "bea"], MINUTE);
    fixture.check(MINUTE * 2, &["ada"], INTERVAL);
}

#[test]
fn message_moves_to_failed_after_two_days() {
    let mut fixture = Fixture::new();
    fixture.send("ada", START);
    fixture.script([temporary(), temporary(), temporary()]);
    fixture.run_once(START);
    fixture.run_once(START.after(DAY * 2 - Duration::from_millis(1)));
    assert_eq!((fixture.spooled(), fixture.failed()), (1, 0));
    fixture.run_once(START.after(DAY * 2 + HOUR));
    assert_eq!((fixture.spooled(), fixture.failed()), (0, 1));
    fixture.check(DAY * 3, &[], INTERVAL);
}

#[test]
fn old_message_is_tried_once_after_a_restart() {
    let mut fixture = Fixture::new();
    fixture.send("ada", START);
    fixture.send("bea", START);
    fixture.script([temporary()]);
    assert_eq!(fixture.run_once(START.after(DAY * 3)).0.len(), 2);
    assert_eq!((fixture.spooled(), fixture.failed()), (0, 1));
}

#[test]
fn permanent_error_moves_the_message_to_failed() {
    let mut fixture = Fixture::new();
    fixture.send("ada", START);
    fixture.send("bea", START.after(MINUTE));
    fixture.script([permanent()]);
    fixture.check(MINUTE, &["ada", "bea"], INTERVAL);
    assert_eq!((fixture.spooled(), fixture.failed()), (0, 1));
}

#[test]
fn unreachable_server_is_tried_with_one_mail_and_longer_waits() {
    let mut fixture = Fixture::new();
    fixture.send("ada", START);
    fixture.send("bea", START);
    let mut at = Duration::ZERO;
    for minutes in [1, 2, 4, 8, 10, 10] {
        fixture.script([unreachable()]);
        assert_eq!(fixture.run_once(START.after(at)).0.len(), 1);
        let almost = MINUTE * minutes - Duration::from_millis(1);
        assert_eq!(fixture.run_once(START.after(at + almost)).0, [""; 0], "{minutes}");
        at += MINUTE * minutes;
    }
    assert_eq!(fixture.run_once(START.after(at)).0.len(), 2);
    fixture.send("cleo", START.after(at));
    fixture.script([unreachable()]);
    fixture.check(at, &["cleo"], MINUTE);
    fixture.check(at + MINUTE, &["cleo"], INTERVAL);
}

#[test]
fn old_mails_fail_when_the_server_is_away_for_two_days() {
    let mut fixture = Fixture::new();
    fixture.send("ada", START);
    fixture.send("bea", START);
    fixture.send("cleo", START.after(DAY));
    fixture.script([unreachable()]);
    assert_eq!(fixture.run_once(START.after(DAY * 2)).0.len(), 1);
    assert_eq!((fixture.spooled(), fixture.failed()), (1, 2));
}

#[test]
fn restart_retries_at_once() {
    let mut fixture = Fixture::new();
    fixture.send("ada", START);
    fixture.script([temporary()]);
    fixture.run_once(START);
    let Fixture {
        dir, outbox, queue, ..
    } = fixture;
    drop((outbox, queue));
    let mut fixture = Fixture::within(dir, 100);
    fixture.check(Duration::ZERO, &["ada"], INTERVAL);
    assert_eq!(fixture.spooled(), 0);
}

#[test]
fn mail_to_nobody_is_never_tried() {
    let mut fixture = Fixture::new();
    fixture.outbox.send(&mail(Recipient::Nobody), START).unwrap();
    fixture.check(Duration::ZERO, &[], INTERVAL);
}

#[test]
fn file_without_a_recipient_moves_to_failed() {
    let mut fixture = Fixture::new();
    fs::write(
        fixture.dir.path().join("000000000000001-x.eml"),
        "To: nobody\r\n\r\n",
    )
    .unwrap();
    fixture.check(Duration::ZERO, &[], INTERVAL);
    assert_eq!((fixture.spooled(), fixture.failed()), (0, 1));
}

#[test]
fn failed_message_is_removed_when_the_failed_folder_is_full() {
    let mut fixture = Fixture::within(TempDir::new().unwrap(), 1);
    fixture.send("ada", START);
    fixture.send("bea", START);
    fixture.script([permanent(), permanent()]);
    fixture.run_once(START);
    assert_eq!((fixture.spooled(), fixture.failed()), (0, 1));
}

#[test]
fn clock_set_back_does_not_extend_a_wait() {
    let mut fixture = Fixture::new();
    fixture.send("ada", START);
    fixture.script([temporary()]);
    fixture.run_once(START.after(DAY));
    fixture.check(Duration::ZERO, &["ada"], INTERVAL);
}

#[test]
fn stop_ends_a_run_after_the_current_mail() {
    let mut fixture = Fixture::new();
    fixture.send("ada", START);
    fixture.send("bea", START);
    fixture.delivery.stop_on_delivery.store(true, Ordering::SeqCst);
    assert_eq!(fixture.run_once(START).0.len(), 1);
    assert_eq!(fixture.spooled(), 1);
}

#[test]
fn only_one_of_two_processes_delivers() {
    let mut first = Fixture::new();
    let folder = Arc::new(Folder::open(first.dir.path(), 10).unwrap());
    let failed = Folder::open(&first.dir.path().join("failed"), 10).unwrap();
    let delivery = Scripted::default();
    let mut second = Queue::new(folder, failed, Box::new(delivery.clone()));
    first.check(Duration::ZERO, &[], INTERVAL);
    first.send("ada", START);
    second.run_once(START, &AtomicBool::new(false));
    assert!(delivery.recipients.lock().unwrap().is_empty());
    let Fixture {
        dir, outbox, queue, ..
    } = first;
    drop((outbox, queue));
    second.run_once(START, &AtomicBool::new(false));
    assert_eq!(*delivery.recipients.lock().unwrap(), ["ada@example.org"]);
    assert_eq!(mails(dir.path()), 0);
}

#[test]
fn removed_mail_is_forgotten() {
    let mut fixture = Fixture::new();
    fixture.send("ada", START);
    fixture.script([temporary()]);
    fixture.run_once(START);
    let message = fixture.outbox.folder().list().unwrap().remove(0);
    fixture.outbox.folder().remove(&message).unwrap();
    fixture.check(Duration::from_secs(1), &[], INTERVAL);
}
