//! What is tried, in which order, how often and for how long; all on a clock that tests set.

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

use crate::courier::{Courier, Refusal};
use crate::queue::{INTERVAL, Queue};

const START: Timestamp = Timestamp::from_unix_millis(1_795_647_272_123);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(24 * 3_600);

type Answers = Arc<Mutex<VecDeque<Result<(), Refusal>>>>;

/// A courier that answers as it is told to, then delivers everything, and notes whom it went to.
#[derive(Clone, Default)]
struct Scripted {
    answers: Answers,
    went: Arc<Mutex<Vec<String>>>,
    stop: Arc<AtomicBool>,
    stops: Arc<AtomicBool>,
}

impl Courier for Scripted {
    fn deliver(&self, to: &EmailAddress, message: &[u8]) -> Result<(), Refusal> {
        assert!(message.ends_with(b"\r\n"));
        self.went.lock().unwrap().push(to.as_str().to_owned());
        let stops = self.stops.load(Ordering::SeqCst);
        self.stop.fetch_or(stops, Ordering::SeqCst);
        self.answers.lock().unwrap().pop_front().unwrap_or(Ok(()))
    }
}

struct Given {
    dir: TempDir,
    outbox: Outbox,
    courier: Scripted,
    queue: Queue,
}

impl Given {
    fn new() -> Self {
        Self::within(TempDir::new().unwrap(), 100)
    }

    /// As after a restart: with whatever lies in the folder.
    fn within(dir: TempDir, failed_limit: usize) -> Self {
        let sender = Sender::parse("no-reply@example.org").unwrap();
        let composer = Composer::new(sender, "https://example.org");
        let outbox = Outbox::open(dir.path(), composer, Arc::new(SeededEntropy::new(1))).unwrap();
        let failed = Folder::open(&dir.path().join("failed"), failed_limit).unwrap();
        let courier = Scripted::default();
        let queue = Queue::new(Arc::clone(outbox.folder()), failed, Box::new(courier.clone()));
        Self {
            dir,
            outbox,
            courier,
            queue,
        }
    }

    fn send(&self, name: &str, at: Timestamp) {
        let to = EmailAddress::parse(&format!("{name}@example.org")).unwrap();
        self.outbox.send(&mail(Recipient::Address(to)), at).unwrap();
    }

    fn answers<const N: usize>(&self, answers: [Result<(), Refusal>; N]) {
        self.courier.answers.lock().unwrap().extend(answers);
    }

    /// Goes round at a time; answers who was tried, and how long the queue would wait.
    fn round(&mut self, now: Timestamp) -> (Vec<String>, Duration) {
        let next = self.queue.round(now, &self.courier.stop);
        let went = std::mem::take(&mut *self.courier.went.lock().unwrap());
        let names = went.iter().map(|to| to.split('@').next().unwrap().to_owned());
        (names.collect(), next.since(now))
    }

    #[track_caller]
    fn check(&mut self, after: Duration, tried: &[&str], wait: Duration) {
        assert_eq!(
            self.round(START.after(after)),
            (tried.iter().map(|&it| it.to_owned()).collect(), wait)
        );
    }

    fn waiting(&self) -> usize {
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

fn later() -> Result<(), Refusal> {
    Err(Refusal::Later("not now".to_owned()))
}

fn never() -> Result<(), Refusal> {
    Err(Refusal::Never("no".to_owned()))
}

fn unreachable() -> Result<(), Refusal> {
    Err(Refusal::Unreachable("away".to_owned()))
}

#[test]
fn what_waits_is_delivered_in_the_order_of_time_and_removed() {
    let mut given = Given::new();
    given.send("second", START.after(MINUTE));
    given.send("first", START);
    given.check(MINUTE, &["first", "second"], INTERVAL);
    given.check(MINUTE, &[], INTERVAL);
    assert_eq!((given.waiting(), given.failed()), (0, 0));
}

#[test]
fn what_is_not_taken_yet_is_tried_after_ever_longer_waits_up_to_an_hour() {
    let mut given = Given::new();
    given.send("ada", START);
    let mut at = Duration::ZERO;
    for minutes in [1, 2, 4, 8, 16, 32, 60, 60, 60] {
        given.answers([later()]);
        given.check(at, &["ada"], MINUTE);
        let almost = MINUTE * minutes - Duration::from_millis(1);
        assert_eq!(given.round(START.after(at + almost)).0, [""; 0], "{minutes}");
        at += MINUTE * minutes;
    }
    given.check(at, &["ada"], INTERVAL);
    assert_eq!((given.waiting(), given.failed()), (0, 0));
}

#[test]
fn what_is_not_taken_holds_up_nothing_else() {
    let mut given = Given::new();
    given.send("ada", START);
    given.send("bea", START.after(MINUTE));
    given.answers([later()]);
    given.check(MINUTE, &["ada", "bea"], MINUTE);
    given.check(MINUTE * 2, &["ada"], INTERVAL);
}

#[test]
fn after_two_days_it_is_put_away() {
    let mut given = Given::new();
    given.send("ada", START);
    given.answers([later(), later(), later()]);
    given.round(START);
    given.round(START.after(DAY * 2 - Duration::from_millis(1)));
    assert_eq!((given.waiting(), given.failed()), (1, 0));
    given.round(START.after(DAY * 2 + HOUR));
    assert_eq!((given.waiting(), given.failed()), (0, 1));
    given.check(DAY * 3, &[], INTERVAL);
}

#[test]
fn what_is_old_at_the_start_is_tried_once() {
    let mut given = Given::new();
    given.send("ada", START);
    given.send("bea", START);
    given.answers([later()]);
    assert_eq!(given.round(START.after(DAY * 3)).0.len(), 2);
    assert_eq!((given.waiting(), given.failed()), (0, 1));
}

#[test]
fn what_is_refused_for_good_is_put_away_at_once() {
    let mut given = Given::new();
    given.send("ada", START);
    given.send("bea", START.after(MINUTE));
    given.answers([never()]);
    given.check(MINUTE, &["ada", "bea"], INTERVAL);
    assert_eq!((given.waiting(), given.failed()), (0, 1));
}

#[test]
fn a_server_that_is_away_is_asked_by_one_mail_at_a_time_and_less_and_less_often() {
    let mut given = Given::new();
    given.send("ada", START);
    given.send("bea", START);
    let mut at = Duration::ZERO;
    for minutes in [1, 2, 4, 8, 10, 10] {
        given.answers([unreachable()]);
        assert_eq!(given.round(START.after(at)).0.len(), 1);
        let almost = MINUTE * minutes - Duration::from_millis(1);
        assert_eq!(given.round(START.after(at + almost)).0, [""; 0], "{minutes}");
        at += MINUTE * minutes;
    }
    assert_eq!(given.round(START.after(at)).0.len(), 2);
    given.send("cleo", START.after(at));
    given.answers([unreachable()]);
    given.check(at, &["cleo"], MINUTE);
    given.check(at + MINUTE, &["cleo"], INTERVAL);
}

#[test]
fn a_server_that_is_away_for_two_days_gets_no_old_mails() {
    let mut given = Given::new();
    given.send("ada", START);
    given.send("bea", START);
    given.send("cleo", START.after(DAY));
    given.answers([unreachable()]);
    assert_eq!(given.round(START.after(DAY * 2)).0.len(), 1);
    assert_eq!((given.waiting(), given.failed()), (1, 2));
}

#[test]
fn a_restart_tries_at_once_what_is_left() {
    let mut given = Given::new();
    given.send("ada", START);
    given.answers([later()]);
    given.round(START);
    let Given {
        dir, outbox, queue, ..
    } = given;
    drop((outbox, queue));
    let mut given = Given::within(dir, 100);
    given.check(Duration::ZERO, &["ada"], INTERVAL);
    assert_eq!(given.waiting(), 0);
}

#[test]
fn a_mail_to_nobody_is_never_tried() {
    let mut given = Given::new();
    given.outbox.send(&mail(Recipient::Nobody), START).unwrap();
    given.check(Duration::ZERO, &[], INTERVAL);
}

#[test]
fn a_file_without_a_recipient_is_put_away() {
    let mut given = Given::new();
    fs::write(
        given.dir.path().join("000000000000001-x.eml"),
        "To: nobody\r\n\r\n",
    )
    .unwrap();
    given.check(Duration::ZERO, &[], INTERVAL);
    assert_eq!((given.waiting(), given.failed()), (0, 1));
}

#[test]
fn when_too_many_were_put_away_the_next_is_dropped() {
    let mut given = Given::within(TempDir::new().unwrap(), 1);
    given.send("ada", START);
    given.send("bea", START);
    given.answers([never(), never()]);
    given.round(START);
    assert_eq!((given.waiting(), given.failed()), (0, 1));
}

#[test]
fn a_clock_that_is_set_back_holds_nothing_up_for_longer() {
    let mut given = Given::new();
    given.send("ada", START);
    given.answers([later()]);
    given.round(START.after(DAY));
    given.check(Duration::ZERO, &["ada"], INTERVAL);
}

#[test]
fn a_stop_ends_a_round_after_the_mail_at_hand() {
    let mut given = Given::new();
    given.send("ada", START);
    given.send("bea", START);
    given.courier.stops.store(true, Ordering::SeqCst);
    assert_eq!(given.round(START).0.len(), 1);
    assert_eq!(given.waiting(), 1);
}

#[test]
fn of_two_processes_one_delivers() {
    let mut first = Given::new();
    let folder = Arc::new(Folder::open(first.dir.path(), 10).unwrap());
    let failed = Folder::open(&first.dir.path().join("failed"), 10).unwrap();
    let courier = Scripted::default();
    let mut second = Queue::new(folder, failed, Box::new(courier.clone()));
    first.check(Duration::ZERO, &[], INTERVAL);
    first.send("ada", START);
    second.round(START, &AtomicBool::new(false));
    assert!(courier.went.lock().unwrap().is_empty());
    let Given {
        dir, outbox, queue, ..
    } = first;
    drop((outbox, queue));
    second.round(START, &AtomicBool::new(false));
    assert_eq!(*courier.went.lock().unwrap(), ["ada@example.org"]);
    assert_eq!(mails(dir.path()), 0);
}

#[test]
fn a_mail_that_somebody_removed_is_not_missed() {
    let mut given = Given::new();
    given.send("ada", START);
    given.answers([later()]);
    given.round(START);
    let message = given.outbox.folder().list().unwrap().remove(0);
    given.outbox.folder().remove(&message).unwrap();
    given.check(Duration::from_secs(1), &[], INTERVAL);
}
