//! Promises about sending mail.

use kunci_domain::mail::{Mail, MailContent, Recipient};
use kunci_domain::ports::{MailError, Mailer};
use kunci_domain::{Actor, Device, EmailAddress, Event, EventKind, LinkToken, Timestamp, Username};

use crate::samples::{start, user_id};
use crate::suites::concurrency::run_concurrently;

/// The number of mails that the queue must have room for.
pub const ROOM: usize = 12;

/// A function that returns the number of queued mails.
pub type QueueLength<'w> = &'w dyn Fn() -> usize;

const SEND_TIMES: [i64; 4] = [0, 1, -1, i64::MAX];

/// Checks that mails of every kind are queued, at any time.
pub fn every_kind_of_mail_is_accepted(mailer: &dyn Mailer, queue_length: QueueLength<'_>) {
    let contents = [
        MailContent::ConfirmAddress(token()),
        MailContent::ConfirmNewAddress(token()),
        MailContent::ResetPassword(token()),
        notice(),
    ];
    for (content, millis) in contents.into_iter().zip(SEND_TIMES) {
        let mail = Mail {
            content,
            ..mail_to_address()
        };
        send(mailer, &mail, Timestamp::from_unix_millis(millis));
    }
    assert_eq!(queue_length(), 4);
}

/// Checks that two identical mails are both queued, even within one millisecond.
pub fn identical_mails_are_both_queued(mailer: &dyn Mailer, queue_length: QueueLength<'_>) {
    send(mailer, &mail_to_address(), start());
    send(mailer, &mail_to_address(), start());
    assert_eq!(queue_length(), 2);
}

/// Checks that any number of mails without a recipient are accepted without being queued.
pub fn mail_without_recipient_is_not_queued(mailer: &dyn Mailer, queue_length: QueueLength<'_>) {
    for _ in 0..ROOM + 1 {
        send(mailer, &mail_without_recipient(), start());
    }
    assert_eq!(queue_length(), 0);
    send(mailer, &mail_to_address(), start());
    assert_eq!(queue_length(), 1);
}

/// Checks that a full queue refuses further mails.
pub fn queue_is_bounded(mailer: &dyn Mailer, queue_length: QueueLength<'_>) {
    fill_queue(mailer);
    for _ in 0..2 {
        assert_full(mailer, &mail_to_address());
    }
    assert_eq!(queue_length(), ROOM);
}

/// Checks that a full queue also refuses mail without a recipient.
///
/// Otherwise the answer of a full mailer would reveal whether an account exists.
pub fn full_queue_refuses_mail_without_recipient(mailer: &dyn Mailer, queue_length: QueueLength<'_>) {
    fill_queue(mailer);
    assert_full(mailer, &mail_without_recipient());
    assert_eq!(queue_length(), ROOM);
}

/// Checks that concurrent senders fill the queue exactly, and that each accepted mail is queued.
pub fn concurrent_sends_fill_the_queue_exactly(mailer: &dyn Mailer, queue_length: QueueLength<'_>) {
    let sent = run_concurrently(4, |_| {
        let sent = (0..4).filter(|_| mailer.send(&mail_to_address(), start()).is_ok());
        sent.count()
    });
    let sent: usize = sent.iter().sum();
    assert_eq!((sent, queue_length()), (ROOM, ROOM));
}

#[track_caller]
fn send(mailer: &dyn Mailer, mail: &Mail, now: Timestamp) {
    if let Err(error) = mailer.send(mail, now) {
        panic!("send failed: {error:?}");
    }
}

fn fill_queue(mailer: &dyn Mailer) {
    for _ in 0..ROOM {
        send(mailer, &mail_to_address(), start());
    }
}

#[track_caller]
fn assert_full(mailer: &dyn Mailer, mail: &Mail) {
    let answer = mailer.send(mail, start());
    assert!(matches!(answer, Err(MailError::Full)), "{answer:?}");
}

#[allow(clippy::expect_used, reason = "a suite with an invalid sample must fail")]
fn token() -> LinkToken {
    LinkToken::parse(&"07".repeat(LinkToken::LEN)).expect("the sample token is valid")
}

fn notice() -> MailContent {
    MailContent::Notice(Event {
        actor: Actor::Owner,
        target: Some(user_id(1)),
        at: start(),
        kind: EventKind::PasswordChanged,
        device: Device::default(),
    })
}

#[allow(clippy::expect_used, reason = "a suite with an invalid sample must fail")]
fn mail_to_address() -> Mail {
    Mail {
        to: Recipient::Address(EmailAddress::parse("ada@example.org").expect("the sample address is valid")),
        name: Username::parse("ada").expect("the sample name is valid"),
        content: MailContent::ResetPassword(token()),
    }
}

fn mail_without_recipient() -> Mail {
    Mail {
        to: Recipient::Nobody,
        ..mail_to_address()
    }
}
