//! Senders: which texts are accepted, and how they appear in the `From` header.

#![allow(clippy::unwrap_used, reason = "a failed set-up fails the test")]

mod support;

use kunci_mail::{Composer, Sender};
use support::{BASE, HEADERS, NOW, Parts, reset};

#[test]
fn sender_parsing_is_strict() {
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
        "\"a b\"@example.org",
        "a@-",
    ] {
        check(wrong, None);
    }
    check(&format!("{} <a@example.org>", "x".repeat(65)), None);
}

#[test]
fn sender_name_may_contain_a_comma() {
    let sender = Sender::parse("B, A; C@D <no-reply@example.org>").unwrap();
    let message = Composer::new(sender, BASE).compose(&reset(), NOW, "id").unwrap();
    let parts = Parts::of(&message);
    assert_eq!(
        parts.header("From"),
        "=?utf-8?b?QiwgQTsgQ0BE?= <no-reply@example.org>"
    );
}

#[test]
fn sender_name_cannot_add_a_header_or_a_sender() {
    #[track_caller]
    fn check(name: &str, want: &str) {
        let sender = Sender::parse(&format!("{name} <no-reply@example.org>")).unwrap();
        let composer = Composer::new(sender, BASE);
        let parts = Parts::of(&composer.compose(&reset(), NOW, "id").unwrap());
        assert_eq!(parts.header_names(), HEADERS, "{name}");
        assert_eq!(parts.header("From"), format!("{want} <no-reply@example.org>"));
    }
    let long = "x".repeat(64);
    check(&long, &long);
    check("The Library", "\"The Library\"");
    check("Bcc: all@example.org", "=?utf-8?b?QmNjOiBhbGxAZXhhbXBsZS5vcmc=?=");
    check("a@example.org, b", "=?utf-8?b?YUBleGFtcGxlLm9yZywgYg==?=");
    check(
        "=?utf-8?q?=0d=0abcc=3a?=",
        "=?utf-8?b?PT91dGYtOD9xPz0wZD0wYWJjYz0zYT89?=",
    );
    check("B\u{f6}se", "=?utf-8?b?QsO2c2U=?=");
}
