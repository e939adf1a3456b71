//! Headers and texts of messages, and attempts to inject into them.

#![allow(clippy::unwrap_used, reason = "a failed set-up fails the test")]

mod support;

use kunci_domain::mail::MailContent;
use kunci_domain::{Actor, Device, EventKind, Interface, Timestamp, UserId};
use kunci_mail::{Sender, recipient};
use support::{
    BASE, HEADERS, NOW, TOKEN, composer, mail, notice, notice_of, parts, reset, reset_for_nobody, token,
};

#[test]
fn message_has_exactly_the_expected_headers() {
    let parts = parts(&reset());
    assert_eq!(parts.header_names(), HEADERS);
    let values = [
        ("Date", "Wed, 25 Nov 2026 22:54:32 +0000"),
        ("Message-ID", "<id@example.org>"),
        ("From", "Accounts <no-reply@example.org>"),
        ("To", "ada@example.org"),
        ("Subject", "Choose a new password at accounts.example.org"),
        ("Auto-Submitted", "auto-generated"),
        ("MIME-Version", "1.0"),
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Transfer-Encoding", "7bit"),
    ];
    for (name, value) in values {
        assert_eq!(parts.header(name), value, "{name}");
    }
}

#[test]
fn reset_mail_has_a_link_and_advice_for_unrequested_mails() {
    let want = format!(
        "Hello ada,\n\nSomeone asked to reset the password of your account at\n\
         accounts.example.org. Use this link to choose a new one:\n\n\
         {BASE}/link?token={TOKEN}\n\nThe link works once and expires after 15 minutes.\n\n\
         If you did not request this, ignore this email. Your password does not\nchange unless the link is used.\n"
    );
    assert_eq!(parts(&reset()).body, want);
}

#[test]
fn every_mail_with_a_link_states_its_lifetime() {
    #[track_caller]
    fn check(content: MailContent, subject: &str, lifetime: &str) {
        let parts = parts(&mail("ada", "ada@example.org", content));
        let subject = format!("{subject} at accounts.example.org");
        assert_eq!(parts.header("Subject"), subject);
        assert!(parts.body.contains(lifetime), "{}", parts.body);
        assert!(parts.body.contains("ignore this email"), "{}", parts.body);
        let link = format!("{BASE}/link?token={TOKEN}");
        assert_eq!(parts.body.lines().filter(|line| *line == link).count(), 1);
    }
    check(
        MailContent::ConfirmAddress(token()),
        "Confirm your email address",
        "after 24 hours",
    );
    check(
        MailContent::ConfirmNewAddress(token()),
        "Confirm your new email address",
        "after 24 hours",
    );
    check(
        MailContent::ResetPassword(token()),
        "Choose a new password",
        "after 15 minutes",
    );
}

#[test]
fn notice_has_event_time_device_and_advice() {
    let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
    let device = Device::new(firefox, Some([192, 0, 2, 7].into()));
    let parts = parts(&notice(EventKind::PasswordChanged, device));
    assert_eq!(
        parts.header("Subject"),
        "Your password was changed at accounts.example.org"
    );
    let want = format!(
        "Hello ada,\n\nSecurity notice for your account at accounts.example.org: your password\nwas changed.\n\n\
         When: 2026-11-25 22:54 UTC\nFrom: Firefox on Linux, 192.0.2.7\n\n\
         If this was you, you do not need to do anything.\n\n\
         If this was not you, sign out of all sessions and choose a new password:\n\n\
         {BASE}/logout_all\n{BASE}/reset\n"
    );
    assert_eq!(parts.body, want);
}

#[test]
fn notice_of_an_operator_action_suggests_no_reset() {
    let administrator = Actor::Administrator(UserId::from_stored(1), Interface::Page);
    let device = Device::new("curl/8.5", Some([192, 0, 2, 7].into()));
    for (actor, device) in [(Actor::CommandLine, Device::default()), (administrator, device)] {
        let parts = parts(&notice_of(actor, EventKind::PasswordSetByOperator, device));
        assert!(
            parts
                .body
                .contains("contact the operator of\naccounts.example.org")
        );
        assert!(!parts.body.contains("/reset") && !parts.body.contains("From:"));
    }
}

#[test]
fn every_event_kind_has_a_subject_of_its_own() {
    let subject = |kind: &EventKind| {
        parts(&notice(*kind, Device::default()))
            .header("Subject")
            .to_owned()
    };
    let subjects: std::collections::HashSet<_> = EventKind::ALL.iter().map(subject).collect();
    assert_eq!(subjects.len(), EventKind::ALL.len());
}

/// Includes names and addresses of the greatest length, and some that look like headers, links or commands.
#[test]
fn user_input_cannot_add_a_header_or_a_line() {
    let long = "x".repeat(64);
    let names = ["Bcc", "a@b", "_-.+", "b\u{f6}se", &long];
    let domain = format!("{}.example", "d".repeat(181));
    let addresses = [
        "a=?utf-8?q?=0d=0abcc=3a?=@example.org".to_owned(),
        "bcc@example.org".to_owned(),
        "b\u{f6}se@b\u{fc}cher.example".to_owned(),
        "..a..@example.org".to_owned(),
        "{|}~`'*/!#$%&^?@-.-".to_owned(),
        format!("{long}@{domain}"),
    ];
    for name in names {
        for address in &addresses {
            let parts = parts(&mail(name, address, MailContent::ResetPassword(token())));
            assert_eq!(parts.header_names(), HEADERS, "{name} {address}");
            let ascii = address.replace("b\u{fc}cher", "xn--bcher-kva");
            assert_eq!(parts.header("To"), ascii);
            let mail = mail(name, address, MailContent::ResetPassword(token()));
            let message = composer().compose(&mail, NOW, "id").unwrap();
            assert_eq!(recipient(&message).unwrap().as_str(), address);
            assert_eq!(
                parts.header("Subject"),
                "Choose a new password at accounts.example.org"
            );
        }
    }
}

#[test]
fn user_agent_that_looks_like_a_header_is_not_quoted() {
    for user_agent in [
        "\r\nBcc: eve@example.org",
        "Subject: http://evil.example",
        ".\r\n",
    ] {
        let parts = parts(&notice(EventKind::PasswordChanged, Device::new(user_agent, None)));
        assert_eq!(parts.headers.len(), HEADERS.len());
        assert!(
            parts.body.contains("From: an unknown program\n"),
            "{}",
            parts.body
        );
    }
}

#[test]
fn lines_are_short_except_links() {
    let device = || Device::new("x", Some([192, 0, 2, 7].into()));
    let notices = EventKind::ALL.iter().map(|kind| notice(*kind, device()));
    for mail in notices.chain([reset()]) {
        let message = composer().compose(&mail, NOW, "id").unwrap();
        for line in std::str::from_utf8(&message).unwrap().split("\r\n") {
            assert!(line.len() <= 78 || line.contains("/link?token="), "{line}");
            assert!(!line.contains(['\r', '\n']) && line.len() <= 998, "{line}");
        }
    }
}

#[test]
fn non_ascii_name_is_encoded_as_quoted_printable() {
    let message = parts(&mail(
        "böse",
        "b@example.org",
        MailContent::ResetPassword(token()),
    ));
    assert_eq!(message.header("Content-Transfer-Encoding"), "quoted-printable");
    assert!(message.body.starts_with("Hello b=C3=B6se,"), "{}", message.body);
}

/// Mail programs make links of host names, addresses and telephone numbers.
#[test]
fn greeting_quotes_no_name_that_looks_like_a_link() {
    let greeting = |name| {
        let content = MailContent::ResetPassword(token());
        let body = parts(&mail(name, "a@example.org", content)).body;
        body.lines().next().unwrap().to_owned()
    };
    for name in ["ada", "Ada_Lovelace-2024", "1984"] {
        assert_eq!(greeting(name), format!("Hello {name},"));
    }
    assert_eq!(greeting("木村"), "Hello =E6=9C=A8=E6=9D=91,");
    for name in [
        "win.evil.example",
        "evil.example",
        "WWW.evil",
        "ｅｖｉｌ．example",
        "пример.рф",
        "win@evil.example",
        "win@evil",
        "ada.lovelace",
        "+1-900-555-0100",
        "19005550100",
        "٩٠٠٥٥٥",
    ] {
        assert_eq!(greeting(name), "Hello,", "{name}");
    }
}

#[test]
fn long_non_ascii_name_leaves_the_text_readable() {
    let name = "\u{5b57}".repeat(64);
    let message = parts(&mail(&name, "b@example.org", MailContent::ResetPassword(token())));
    assert_eq!(message.header("Content-Transfer-Encoding"), "quoted-printable");
    assert!(message.body.contains("The link works once"), "{}", message.body);
    assert!(
        message.body.lines().all(|line| line.len() <= 76),
        "{}",
        message.body
    );
}

#[test]
fn recipient_is_read_only_from_exactly_one_to_header() {
    #[track_caller]
    fn check(message: &str, want: Option<&str>) {
        let message = message.replace('\n', "\r\n");
        let found = recipient(message.as_bytes());
        assert_eq!(found.as_ref().map(kunci_domain::EmailAddress::as_str), want);
    }
    check("To: a@example.org\n\n", Some("a@example.org"));
    check("Subject: x\nto:\n a@example.org\n\nHello", Some("a@example.org"));
    check("Subject: x\n To: a@example.org\n\n", None);
    check("Subject: x\n\nTo: a@example.org\n\n", None);
    check("To: a@example.org\nTo: b@example.org\n\n", None);
    check("To: a@example.org, b@example.org\n\n", None);
    check("To: <a@example.org>\n\n", Some("a@example.org"));
    check("To:\n\t< a@example.org > \n\n", Some("a@example.org"));
    check("To: <a@example.org>, <b@example.org>\n\n", None);
    check("To: <<a@example.org>>\n\n", None);
    check("To: <a@example.org\n\n", None);
    check("To: a@example.org>\n\n", None);
    check("To: <>\n\n", None);
    check("To: A <a@example.org>\n\n", None);
    check("To: a@example.org", None);
    check("", None);
}

#[test]
fn overlong_public_url_is_encoded() {
    let sender = Sender::parse("no-reply@example.org").unwrap();
    let base = format!("https://{}.example", "x".repeat(1_000));
    let composer = kunci_mail::Composer::new(sender, &base);
    let message = composer.compose(&reset(), NOW, "id").unwrap();
    let parts = support::Parts::of(&message);
    assert_eq!(parts.header("Content-Transfer-Encoding"), "quoted-printable");
    let text = std::str::from_utf8(&message).unwrap();
    assert!(text.lines().all(|line| line.len() <= 76), "{text}");
}

#[test]
fn mail_to_nobody_differs_only_in_its_recipient() {
    let message = parts(&reset_for_nobody());
    assert_eq!(message.header("To"), "nobody@nowhere.invalid");
    assert_eq!(message.body, parts(&reset()).body);
}

#[test]
fn extreme_times_are_accepted() {
    for millis in [i64::MIN, -1, 0, i64::MAX] {
        let now = Timestamp::from_unix_millis(millis);
        assert!(composer().compose(&reset(), now, "id").is_ok(), "{millis}");
    }
    let parts = parts(&notice(EventKind::PasswordChanged, Device::default()));
    assert!(parts.body.contains("When: 2026-11-25 22:54 UTC\n"));
}

#[test]
fn public_url_cannot_add_a_header() {
    for base in [
        "https://a.example\r\nBcc: eve@example.org",
        "https://a.example\r\n\r\nBcc: eve@example.org",
        "https://a.example\nBcc: eve@example.org",
        "https://a.example\rBcc: eve@example.org",
        "https://b\u{fc}cher.example",
    ] {
        let sender = Sender::parse("no-reply@example.org").unwrap();
        let composer = kunci_mail::Composer::new(sender, base);
        let message = composer.compose(&reset(), NOW, "id").unwrap();
        let parts = support::Parts::of(&message);
        assert_eq!(parts.header_names(), HEADERS, "{base:?}");
        let text = String::from_utf8(message).unwrap();
        assert!(!text.replace("\r\n", "").contains(['\r', '\n']), "{text:?}");
        assert!(text.is_ascii(), "{text:?}");
    }
}

#[test]
fn message_id_accepts_only_letters_digits_and_hyphens() {
    for id in ["id>\r\nBcc: <eve", "a b", "a>", "b\u{f6}se", "a@b", "."] {
        let refused = composer().compose(&reset(), NOW, id);
        assert!(refused.is_err(), "{id:?}");
    }
    assert!(composer().compose(&reset(), NOW, "007-aF").is_ok());
}

#[test]
fn long_subject_is_folded_not_encoded() {
    let sender = Sender::parse("no-reply@example.org").unwrap();
    let composer = kunci_mail::Composer::new(sender, "https://accounts.of.a.small.library.example.org");
    let mail = notice(EventKind::SecondFactorFailed, Device::default());
    let message = composer.compose(&mail, NOW, "id").unwrap();
    let subject =
        "Someone entered your password, but a wrong code at accounts.of.a.small.library.example.org";
    assert_eq!(support::Parts::of(&message).header("Subject"), subject);
    let text = String::from_utf8(message).unwrap();
    assert!(text.split("\r\n").all(|line| line.len() <= 78), "{text}");
}

#[test]
fn debug_output_hides_sender_and_links() {
    assert_eq!(format!("{:?}", composer()), "Composer { .. }");
    assert_eq!(format!("{:?}", Sender::parse("a@example.org")), "Ok(Sender(..))");
}
