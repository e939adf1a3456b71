//! What messages say, and that nobody can make them say anything else.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use kunci_domain::mail::MailContent;
use kunci_domain::{Device, EventKind, Timestamp};
use kunci_mail::{Sender, recipient};
use support::{BASE, NOW, TOKEN, composer, mail, notice, parts, reset, reset_for_nobody, token};

const HEADERS: [&str; 9] = [
    "Date",
    "Message-ID",
    "From",
    "To",
    "Subject",
    "Auto-Submitted",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
];

#[test]
fn a_message_has_the_headers_that_it_needs_and_no_others() {
    let parts = parts(&reset());
    let names: Vec<_> = parts.headers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, HEADERS);
    let values = [
        ("Date", "Wed, 25 Nov 2026 22:54:32 +0000"),
        ("Message-ID", "<id@example.org>"),
        ("From", "\"Accounts\" <no-reply@example.org>"),
        ("To", "<ada@example.org>"),
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
fn a_reset_brings_a_link_and_says_what_to_do_without_having_asked() {
    let want = format!(
        "Hello ada,\n\nSomebody, hopefully you, forgot the password of your account at\n\
         accounts.example.org. With this link you can choose a new one:\n\n\
         {BASE}/link?token={TOKEN}\n\nIt works once, and for 15 minutes.\n\n\
         If you did not ask for that, just ignore this mail: your password stays\nas it is unless the \
         link is used.\n"
    );
    assert_eq!(parts(&reset()).body, want);
}

#[test]
fn every_link_leads_to_one_address_and_says_how_long_it_is_good_for() {
    #[track_caller]
    fn check(content: MailContent, subject: &str, lifetime: &str) {
        let parts = parts(&mail("ada", "ada@example.org", content));
        let subject = format!("{subject} at accounts.example.org");
        assert_eq!(parts.header("Subject"), subject);
        assert!(parts.body.contains(lifetime), "{}", parts.body);
        assert!(parts.body.contains("ignore this mail"), "{}", parts.body);
        let link = format!("{BASE}/link?token={TOKEN}");
        assert_eq!(parts.body.lines().filter(|line| *line == link).count(), 1);
    }
    check(
        MailContent::ConfirmAddress(token()),
        "Confirm your address",
        "for 24 hours",
    );
    check(
        MailContent::ConfirmNewAddress(token()),
        "Confirm your new address",
        "for 24 hours",
    );
    check(
        MailContent::ResetPassword(token()),
        "Choose a new password",
        "for 15 minutes",
    );
}

#[test]
fn a_notice_says_what_when_where_from_and_how_to_react() {
    let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
    let device = Device::new(firefox, Some([192, 0, 2, 7].into()));
    let parts = parts(&notice(EventKind::PasswordChanged, device));
    assert_eq!(
        parts.header("Subject"),
        "Your password was changed at accounts.example.org"
    );
    let want = format!(
        "Hello ada,\n\nThis happened to your account at accounts.example.org: your password was\nchanged.\n\n\
         When: 2026-11-25 22:54 UTC\nFrom: Firefox on Linux, 192.0.2.7\n\nIf it was you, all is well.\n\n\
         If it was not, sign out everywhere and choose a new password:\n\n{BASE}/logout_all\n{BASE}/reset\n"
    );
    assert_eq!(parts.body, want);
}

#[test]
fn what_an_operator_did_is_not_answered_with_a_reset() {
    let parts = parts(&notice(EventKind::PasswordSetByOperator, Device::default()));
    assert!(parts.body.contains("ask whoever runs accounts.example.org"));
    assert!(!parts.body.contains("/reset") && !parts.body.contains("From:"));
}

#[test]
fn every_kind_of_event_has_words_of_its_own() {
    let subject = |kind: &EventKind| {
        parts(&notice(*kind, Device::default()))
            .header("Subject")
            .to_owned()
    };
    let subjects: std::collections::HashSet<_> = EventKind::ALL.iter().map(subject).collect();
    assert_eq!(subjects.len(), EventKind::ALL.len());
}

/// The longest names and addresses, and such as try to be headers, links or commands.
#[test]
fn nothing_that_users_choose_makes_a_header_or_a_line() {
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
            let found: Vec<_> = parts.headers.iter().map(|(name, _)| name.as_str()).collect();
            assert_eq!(found, HEADERS, "{name} {address}");
            assert_eq!(parts.header("To"), format!("<{address}>"));
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
fn a_client_that_calls_itself_a_header_is_not_quoted() {
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
fn lines_are_short_but_for_the_link() {
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
fn a_name_that_is_no_ascii_still_arrives() {
    let message = parts(&mail(
        "böse",
        "b@example.org",
        MailContent::ResetPassword(token()),
    ));
    assert_eq!(message.header("Content-Transfer-Encoding"), "quoted-printable");
    assert!(message.body.starts_with("Hello b=C3=B6se,"), "{}", message.body);
}

#[test]
fn however_foreign_a_name_is_the_words_around_it_can_be_read_as_they_stand() {
    let name = "\u{5b57}".repeat(64);
    let message = parts(&mail(&name, "b@example.org", MailContent::ResetPassword(token())));
    assert_eq!(message.header("Content-Transfer-Encoding"), "quoted-printable");
    assert!(message.body.contains("It works once"), "{}", message.body);
    assert!(
        message.body.lines().all(|line| line.len() <= 76),
        "{}",
        message.body
    );
}

#[test]
fn a_recipient_is_read_only_where_there_is_one() {
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
fn an_address_of_the_server_that_is_too_long_for_a_line_is_encoded() {
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
fn a_mail_to_nobody_differs_in_nothing_but_where_it_goes() {
    let message = parts(&reset_for_nobody());
    assert_eq!(message.header("To"), "<nobody@nowhere.invalid>");
    assert_eq!(message.body, parts(&reset()).body);
}

#[test]
fn no_time_is_too_far_away() {
    for millis in [i64::MIN, -1, 0, i64::MAX] {
        let now = Timestamp::from_unix_millis(millis);
        assert!(composer().compose(&reset(), now, "id").is_ok(), "{millis}");
    }
    let parts = parts(&notice(EventKind::PasswordChanged, Device::default()));
    assert!(parts.body.contains("When: 2026-11-25 22:54 UTC\n"));
}

#[test]
fn senders_are_read_strictly() {
    #[track_caller]
    fn check(text: &str, address: Option<&str>) {
        let sender = Sender::parse(text).ok();
        assert_eq!(sender.as_ref().map(Sender::address), address, "{text:?}");
    }
    check(" a@example.org ", Some("a@example.org"));
    check("A B <a@example.org>", Some("a@example.org"));
    check("\"B, A\" <a@example.org>", Some("a@example.org"));
    check("<a@example.org>", Some("a@example.org"));
    check("a@localhost", Some("a@localhost"));
    for wrong in [
        "",
        "a",
        "@",
        "a@",
        "a@b\r\nBcc: c@d",
        "A\r\nBcc: c <a@example.org>",
        "A\n <a@example.org>",
        "A <b> <a@example.org>",
        "A \"B <a@example.org>",
        "A <a@example.org> B",
        "A <a@example.org",
        "b\u{f6}se@example.org",
        "a@b@c",
        "a b@example.org",
        "a..b@example.org",
        ".a@example.org",
        "a.@example.org",
    ] {
        check(wrong, None);
    }
    check(&format!("{} <a@example.org>", "x".repeat(65)), None);
}

#[test]
fn a_sender_with_a_comma_is_one_sender() {
    let sender = Sender::parse("B, A; C@D <no-reply@example.org>").unwrap();
    let message = kunci_mail::Composer::new(sender, BASE)
        .compose(&reset(), NOW, "id")
        .unwrap();
    let parts = support::Parts::of(&message);
    assert_eq!(parts.header("From"), "\"B, A; C@D\" <no-reply@example.org>");
}

#[test]
fn no_name_of_a_sender_makes_a_header_or_another_sender() {
    #[track_caller]
    fn check(name: &str, want: &str) {
        let sender = Sender::parse(&format!("{name} <no-reply@example.org>")).unwrap();
        let composer = kunci_mail::Composer::new(sender, BASE);
        let parts = support::Parts::of(&composer.compose(&reset(), NOW, "id").unwrap());
        let found: Vec<_> = parts.headers.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(found, HEADERS, "{name}");
        assert_eq!(parts.header("From"), format!("{want} <no-reply@example.org>"));
    }
    let long = "x".repeat(64);
    check(&long, &format!("\"{long}\""));
    check("Bcc: all@example.org", "\"Bcc: all@example.org\"");
    check("a@example.org, b", "\"a@example.org, b\"");
    check("=?utf-8?q?=0d=0abcc=3a?=", "\"=?utf-8?q?=0d=0abcc=3a?=\"");
    check("B\u{f6}se", "=?utf-8?B?QsO2c2U=?=");
}

#[test]
fn no_public_url_makes_a_header() {
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
        let found: Vec<_> = parts.headers.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(found, HEADERS, "{base:?}");
        let text = String::from_utf8(message.to_vec()).unwrap();
        assert!(!text.replace("\r\n", "").contains(['\r', '\n']), "{text:?}");
        assert!(text.is_ascii(), "{text:?}");
    }
}

#[test]
fn only_letters_digits_and_hyphens_tell_messages_apart() {
    for id in ["id>\r\nBcc: <eve", "a b", "a>", "b\u{f6}se", "a@b", "."] {
        let refused = composer().compose(&reset(), NOW, id);
        assert!(refused.is_err(), "{id:?}");
    }
    assert!(composer().compose(&reset(), NOW, "007-aF").is_ok());
}

#[test]
fn a_subject_of_more_than_a_line_can_still_be_read() {
    let sender = Sender::parse("no-reply@example.org").unwrap();
    let composer = kunci_mail::Composer::new(sender, "https://accounts.of.a.small.library.example.org");
    let mail = notice(EventKind::SecondFactorFailed, Device::default());
    let message = composer.compose(&mail, NOW, "id").unwrap();
    let subject = "Somebody knew your password, but not the code at accounts.of.a.small.library.example.org";
    assert_eq!(support::Parts::of(&message).header("Subject"), subject);
    let text = String::from_utf8(message.to_vec()).unwrap();
    assert!(text.split("\r\n").all(|line| line.len() <= 78), "{text}");
}

#[test]
fn debug_shows_neither_sender_nor_links() {
    assert_eq!(format!("{:?}", composer()), "Composer { .. }");
    assert_eq!(format!("{:?}", Sender::parse("a@example.org")), "Ok(Sender(..))");
}
