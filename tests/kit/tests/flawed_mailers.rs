//! The suite detects flaws: each known flaw of mailers breaks the expected promise.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};

use kunci_domain::Timestamp;
use kunci_domain::mail::{Mail, Recipient};
use kunci_domain::ports::{MailError, Mailer};
use kunci_testkit::fakes::RecordingMailer;
use kunci_testkit::suites::mailer::{PROMISES, ROOM};

mod postbox {
    use kunci_testkit::fakes::RecordingMailer;
    use kunci_testkit::suites::mailer::ROOM;

    kunci_testkit::mailer_suite!(RecordingMailer::with_limit(ROOM), RecordingMailer::len);
}

/// A mailer whose `send` is replaced by a flawed function.
struct Flawed {
    inner: RecordingMailer,
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
            inner: RecordingMailer::with_limit(room),
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
    assert!(
        broken.contains(&promise),
        "only these promises are broken: {broken:?}"
    );
}

#[test]
fn every_promise_holds_without_a_flaw() {
    assert_eq!(broken(ROOM, |it, mail, now| it.inner.send(mail, now)), [""; 0]);
}

#[test]
fn wrong_queue_bounds_are_caught() {
    let passes: Flaw = |it, mail, now| it.inner.send(mail, now);
    breaks("queue_is_bounded", usize::MAX, passes);
    breaks("queue_is_bounded", ROOM + 1, passes);
    breaks("queue_is_bounded", ROOM - 1, passes);
    breaks("concurrent_sends_fill_the_queue_exactly", ROOM + 1, passes);
}

#[test]
fn special_treatment_of_missing_recipient_is_caught() {
    breaks("mail_without_recipient_is_not_queued", ROOM, |it, mail, now| {
        let to = mail.to.clone();
        let refused = matches!(to, Recipient::Nobody) && it.sent_before.swap(true, Ordering::SeqCst);
        if refused {
            Err(MailError::Full)
        } else {
            it.inner.send(mail, now)
        }
    });
    breaks(
        "full_queue_refuses_mail_without_recipient",
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
fn lost_or_refused_mails_are_caught() {
    breaks("identical_mails_are_both_queued", ROOM, |it, mail, now| {
        if it.sent_before.swap(true, Ordering::SeqCst) {
            Ok(())
        } else {
            it.inner.send(mail, now)
        }
    });
    breaks("every_kind_of_mail_is_accepted", ROOM, |it, mail, now| {
        if now.unix_millis() < 0 {
            Err(MailError::Full)
        } else {
            it.inner.send(mail, now)
        }
    });
}
