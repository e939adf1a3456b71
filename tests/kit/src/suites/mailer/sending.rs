//! What becomes of a mail, as far as its sender can tell.

use std::thread;

use kunci_domain::mail::{Mail, MailContent, Recipient};
use kunci_domain::ports::{MailError, Mailer};
use kunci_domain::{Device, EmailAddress, Event, EventKind, LinkToken, Timestamp, Username};

use super::{ROOM, Waiting};
use crate::samples::{start, user_id};

const NOW_AND_THEN: [i64; 4] = [0, 1, -1, i64::MAX];

/// Whatever it is about, and whenever it is sent.
pub fn every_kind_of_mail_is_taken_over(mailer: &dyn Mailer, waiting: Waiting<'_>) {
    let contents = [
        MailContent::ConfirmAddress(token()),
        MailContent::ConfirmNewAddress(token()),
        MailContent::ResetPassword(token()),
        notice(),
    ];
    for (content, millis) in contents.into_iter().zip(NOW_AND_THEN) {
        let mail = Mail {
            content,
            ..to_somebody()
        };
        send(mailer, &mail, Timestamp::from_unix_millis(millis));
    }
    assert_eq!(waiting(), 4);
}

/// Nothing is taken for a repetition, not even within a millisecond.
pub fn the_same_mail_twice_is_two_mails(mailer: &dyn Mailer, waiting: Waiting<'_>) {
    send(mailer, &to_somebody(), start());
    send(mailer, &to_somebody(), start());
    assert_eq!(waiting(), 2);
}

/// It can be sent any number of times.
pub fn a_mail_to_nobody_leaves_nothing_and_takes_no_place(mailer: &dyn Mailer, waiting: Waiting<'_>) {
    for _ in 0..ROOM + 1 {
        send(mailer, &to_nobody(), start());
    }
    assert_eq!(waiting(), 0);
    send(mailer, &to_somebody(), start());
    assert_eq!(waiting(), 1);
}

/// The last mail that finds room is taken over, and the next one is not.
pub fn what_waits_is_bounded(mailer: &dyn Mailer, waiting: Waiting<'_>) {
    fill(mailer);
    for _ in 0..2 {
        is_full(mailer, &to_somebody());
    }
    assert_eq!(waiting(), ROOM);
}

/// Otherwise a full mailer would tell whether there is an account.
pub fn a_mail_to_nobody_is_refused_where_another_one_is(mailer: &dyn Mailer, waiting: Waiting<'_>) {
    fill(mailer);
    is_full(mailer, &to_nobody());
    assert_eq!(waiting(), ROOM);
}

/// Those that were taken over are there, and no more than there is room for.
pub fn threads_lose_nothing_and_keep_the_bound(mailer: &dyn Mailer, waiting: Waiting<'_>) {
    let send_some = || {
        let sent = (0..4).filter(|_| mailer.send(&to_somebody(), start()).is_ok());
        sent.count()
    };
    let sent: usize = thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(send_some)).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_default())
            .sum()
    });
    assert_eq!((sent, waiting()), (ROOM, ROOM));
}

#[track_caller]
fn send(mailer: &dyn Mailer, mail: &Mail, now: Timestamp) {
    if let Err(error) = mailer.send(mail, now) {
        panic!("not sent: {error:?}");
    }
}

fn fill(mailer: &dyn Mailer) {
    for _ in 0..ROOM {
        send(mailer, &to_somebody(), start());
    }
}

#[track_caller]
fn is_full(mailer: &dyn Mailer, mail: &Mail) {
    let answer = mailer.send(mail, start());
    assert!(matches!(answer, Err(MailError::Full)), "{answer:?}");
}

#[allow(
    clippy::expect_used,
    reason = "a suite that misspells its own sample should fail at once"
)]
fn token() -> LinkToken {
    LinkToken::parse(&"07".repeat(LinkToken::LEN)).expect("a sample is a token")
}

fn notice() -> MailContent {
    MailContent::Notice(Event {
        user: user_id(1),
        at: start(),
        kind: EventKind::PasswordChanged,
        device: Device::default(),
    })
}

#[allow(
    clippy::expect_used,
    reason = "a suite that misspells its own sample should fail at once"
)]
fn to_somebody() -> Mail {
    Mail {
        to: Recipient::Address(EmailAddress::parse("ada@example.org").expect("a sample is an address")),
        name: Username::parse("ada").expect("a sample is a name"),
        content: MailContent::ResetPassword(token()),
    }
}

fn to_nobody() -> Mail {
    Mail {
        to: Recipient::Nobody,
        ..to_somebody()
    }
}
