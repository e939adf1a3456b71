//! A suite is worth what it catches: each flaw that mailers can have breaks the promise it should.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};

use kunci_domain::Timestamp;
use kunci_domain::mail::{Mail, Recipient};
use kunci_domain::ports::{MailError, Mailer};
use kunci_testkit::fakes::Postbox;
use kunci_testkit::suites::mailer::{PROMISES, ROOM};

mod postbox {
    use kunci_testkit::fakes::Postbox;
    use kunci_testkit::suites::mailer::ROOM;

    kunci_testkit::mailer_suite!(Postbox::with_limit(ROOM), Postbox::len);
}

/// A mailer with a flaw, which is a function of the mail and the answer that was right.
struct Flawed {
    inner: Postbox,
    sent_before: AtomicBool,
    flaw: Flaw,
}

type Flaw = fn(&Flawed, &Mail, Timestamp) -> Result<(), MailError>;

impl Mailer for Flawed {
    fn send(&self, mail: &Mail, now: Timestamp) -> Result<(), MailError> {
        (self.flaw)(self, mail, now)
    }
}

fn broken(room: usize, flaw: Flaw) -> Vec<&'static str> {
    let breaks = |promise: kunci_testkit::suites::mailer::Promise| {
        let mailer = Flawed {
            inner: Postbox::with_limit(room),
            sent_before: AtomicBool::new(false),
            flaw,
        };
        catch_unwind(AssertUnwindSafe(|| promise(&mailer, &|| mailer.inner.len()))).is_err()
    };
    let broken = PROMISES.iter().filter(|(_, promise)| breaks(*promise));
    broken.map(|(name, _)| *name).collect()
}

#[track_caller]
fn breaks(promise: &str, room: usize, flaw: Flaw) {
    let broken = broken(room, flaw);
    assert!(broken.contains(&promise), "broken is only {broken:?}");
}

#[test]
fn without_a_flaw_every_promise_is_kept() {
    assert_eq!(broken(ROOM, |it, mail, now| it.inner.send(mail, now)), [""; 0]);
}

#[test]
fn bounds_that_are_none_or_others() {
    let passes: Flaw = |it, mail, now| it.inner.send(mail, now);
    breaks("what_waits_is_bounded", usize::MAX, passes);
    breaks("what_waits_is_bounded", ROOM + 1, passes);
    breaks("what_waits_is_bounded", ROOM - 1, passes);
    breaks("threads_lose_nothing_and_keep_the_bound", ROOM + 1, passes);
}

#[test]
fn mails_to_nobody_that_are_not_like_others() {
    breaks(
        "a_mail_to_nobody_leaves_nothing_and_takes_no_place",
        ROOM,
        |it, mail, now| {
            let to = mail.to.clone();
            let kept = matches!(to, Recipient::Nobody) && it.sent_before.swap(true, Ordering::SeqCst);
            if kept {
                Err(MailError::Full)
            } else {
                it.inner.send(mail, now)
            }
        },
    );
    breaks(
        "a_mail_to_nobody_is_refused_where_another_one_is",
        ROOM,
        |it, mail, now| {
            if mail.to == Recipient::Nobody {
                Ok(())
            } else {
                it.inner.send(mail, now)
            }
        },
    );
}

#[test]
fn mails_that_are_lost_or_refused() {
    breaks("the_same_mail_twice_is_two_mails", ROOM, |it, mail, now| {
        if it.sent_before.swap(true, Ordering::SeqCst) {
            Ok(())
        } else {
            it.inner.send(mail, now)
        }
    });
    breaks("every_kind_of_mail_is_taken_over", ROOM, |it, mail, now| {
        if now.unix_millis() < 0 {
            Err(MailError::Full)
        } else {
            it.inner.send(mail, now)
        }
    });
}
