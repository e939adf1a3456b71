//! The SMTP dialogue, its encryption, and the classification of errors.

use std::time::Duration;

use kunci_domain::EmailAddress;
use kunci_mail::Sender;
use zeroize::Zeroizing;

use crate::credentials::Credentials;
use crate::delivery::{Delivery, DeliveryError};
use crate::fake_server::{Answer, FakeServer, Received, Script, accept_all};
use crate::smtp_delivery::SmtpDelivery;

const MESSAGE: &[u8] = b"Subject: x\r\n\r\nHello\r\n.hidden\r\n";

fn sender() -> Sender {
    Sender::parse("Accounts <no-reply@example.org>").unwrap()
}

fn credentials() -> Credentials {
    Credentials::new("ada".to_owned(), Zeroizing::new("secret".to_owned()))
}

fn deliver_to(delivery: &SmtpDelivery, address: &str) -> Result<(), DeliveryError> {
    delivery.deliver(&EmailAddress::parse(address).unwrap(), MESSAGE)
}

fn deliver(
    server: &FakeServer,
    scheme: &str,
    credentials: Option<&Credentials>,
) -> Result<(), DeliveryError> {
    let delivery = SmtpDelivery::with_roots(server.url(scheme), credentials, &sender(), server.roots());
    deliver_to(&delivery.unwrap(), "ada@example.org")
}

#[test]
fn message_is_transmitted_unchanged() {
    let server = FakeServer::start(accept_all);
    assert_eq!(deliver(&server, "smtp+plain", None), Ok(()));
    assert_eq!(server.command("EHLO"), "EHLO example.org");
    assert_eq!(server.command("MAIL"), "MAIL FROM:<no-reply@example.org>");
    assert_eq!(server.command("RCPT"), "RCPT TO:<ada@example.org>");
    // The end of the data adds an empty line.
    let mail = server.mail();
    assert_eq!(mail.trim_end().as_bytes(), MESSAGE.trim_ascii_end());
    server.command("QUIT");
}

#[test]
fn sender_without_a_domain_suffix_is_transmitted() {
    let server = FakeServer::start(accept_all);
    let sender = Sender::parse("a@localhost").unwrap();
    let delivery = SmtpDelivery::with_roots(server.url("smtp+plain"), None, &sender, server.roots());
    assert_eq!(deliver_to(&delivery.unwrap(), "ada@example.org"), Ok(()));
    assert_eq!(server.command("MAIL"), "MAIL FROM:<a@localhost>");
}

#[test]
fn implicit_tls_sends_the_password() {
    let server = FakeServer::start_tls(accept_all);
    assert_eq!(deliver(&server, "smtps", Some(&credentials())), Ok(()));
    // The base64 of NUL, ada, NUL, secret.
    assert_eq!(server.command("AUTH"), "AUTH PLAIN AGFkYQBzZWNyZXQ=");
    assert!(server.mail().contains("Hello"));
}

#[test]
fn starttls_precedes_credentials_and_mail() {
    fn script(connection: usize, command: &str) -> Answer {
        match command {
            "STARTTLS" => Answer::Tls("220 go on"),
            "EHLO example.org" => Answer::Line("250-mail.example.org\r\n250-STARTTLS\r\n250 AUTH PLAIN"),
            _ => accept_all(connection, command),
        }
    }
    let server = FakeServer::start(script);
    assert_eq!(deliver(&server, "smtp", Some(&credentials())), Ok(()));
    server.command("STARTTLS");
    server.command("EHLO");
    server.command("AUTH");
    assert!(server.mail().contains("Hello"));
}

/// An attacker on the network can hide the offer of STARTTLS or answer in place of the server.
#[test]
fn missing_starttls_sends_nothing() {
    fn offers_and_refuses(connection: usize, command: &str) -> Answer {
        match command {
            "STARTTLS" => Answer::Line("454 not now"),
            "EHLO example.org" => Answer::Line("250-mail.example.org\r\n250-STARTTLS\r\n250 AUTH PLAIN"),
            _ => accept_all(connection, command),
        }
    }
    fn rejects_starttls(connection: usize, command: &str) -> Answer {
        match offers_and_refuses(connection, command) {
            Answer::Line("454 not now") => Answer::Line("502 what is that"),
            answer => answer,
        }
    }
    for script in [accept_all as Script, offers_and_refuses, rejects_starttls] {
        let server = FakeServer::start(script);
        let refused = deliver(&server, "smtp", Some(&credentials()));
        assert!(
            matches!(refused, Err(DeliveryError::Unreachable(_))),
            "{refused:?}"
        );
        let is_secret = |event: &Received| match event {
            Received::Mail(_) => true,
            Received::Command(command) => ["AUTH", "MAIL", "RCPT", "DATA"]
                .iter()
                .any(|word| command.starts_with(word)),
        };
        let received = server.rest();
        assert!(!received.iter().any(is_secret), "{received:?}");
    }
}

#[test]
fn untrusted_certificate_is_refused() {
    let (server, other) = (
        FakeServer::start_tls(accept_all),
        FakeServer::start_tls(accept_all),
    );
    let delivery = SmtpDelivery::with_roots(server.url("smtps"), None, &sender(), other.roots()).unwrap();
    let refused = deliver_to(&delivery, "ada@example.org");
    assert!(
        matches!(refused, Err(DeliveryError::Unreachable(_))),
        "{refused:?}"
    );
    assert_eq!(server.rest(), [Received::Command("CONNECT".to_owned())]);
}

#[test]
fn errors_are_classified_by_status_code() {
    #[track_caller]
    fn check(script: Script, want: fn(String) -> DeliveryError) {
        let server = FakeServer::start(script);
        let Err(refusal) = deliver(&server, "smtp+plain", Some(&credentials())) else {
            panic!("delivered");
        };
        let (DeliveryError::Permanent(reason)
        | DeliveryError::Temporary(reason)
        | DeliveryError::Unreachable(reason)) = &refusal;
        assert!(!reason.contains("ada"), "{reason}");
        assert_eq!(refusal, want(reason.clone()));
    }
    /// Returns this answer to commands with this prefix, and accepts all others.
    macro_rules! answer_to {
        ($prefix:literal, $answer:expr) => {
            |connection, command| {
                if command.starts_with($prefix) {
                    $answer
                } else {
                    accept_all(connection, command)
                }
            }
        };
    }
    check(
        answer_to!("RCPT", Answer::Line("550 no ada@example.org here")),
        DeliveryError::Permanent,
    );
    check(
        answer_to!("MAIL", Answer::Line("553 not from you")),
        DeliveryError::Permanent,
    );
    check(answer_to!(".", Answer::Line("554 no")), DeliveryError::Permanent);
    check(
        answer_to!("RCPT", Answer::Line("450 not now, ada")),
        DeliveryError::Temporary,
    );
    check(
        answer_to!(".", Answer::Line("452 full")),
        DeliveryError::Temporary,
    );
    check(answer_to!("DATA", Answer::HangUp), DeliveryError::Temporary);
    check(answer_to!(".", Answer::HangUp), DeliveryError::Temporary);
    check(
        answer_to!("RCPT", Answer::Line("who is ada?")),
        DeliveryError::Temporary,
    );
    check(
        answer_to!("RCPT", Answer::Line("421 closing")),
        DeliveryError::Unreachable,
    );
    check(
        answer_to!("MAIL", Answer::Line("530 who are you")),
        DeliveryError::Unreachable,
    );
    check(
        answer_to!("AUTH", Answer::Line("535 ada is wrong")),
        DeliveryError::Unreachable,
    );
    check(
        answer_to!("CONNECT", Answer::Line("554 go away")),
        DeliveryError::Unreachable,
    );
    check(answer_to!("CONNECT", Answer::HangUp), DeliveryError::Unreachable);
    check(
        answer_to!("EHLO", Answer::Line("500 what is that")),
        DeliveryError::Unreachable,
    );
}

#[test]
fn silent_server_times_out() {
    let server = FakeServer::start(|_, _| Answer::Silence);
    let delivery = SmtpDelivery::new(server.url("smtp+plain"), None, &sender()).unwrap();
    let delivery = delivery.with_timeout(Duration::from_millis(50));
    let in_time = "the server did not answer in time".to_owned();
    assert_eq!(
        deliver_to(&delivery, "ada@example.org"),
        Err(DeliveryError::Unreachable(in_time))
    );
    assert_eq!(server.command("CONNECT"), "CONNECT");
}

#[test]
fn non_ascii_local_part_requires_smtputf8() {
    fn offers_smtputf8(connection: usize, command: &str) -> Answer {
        match command.split(' ').next() {
            Some("EHLO") => Answer::Line("250-mail.example.org\r\n250-8BITMIME\r\n250 SMTPUTF8"),
            _ => accept_all(connection, command),
        }
    }
    let address = "b\u{f6}se@b\u{fc}cher.example";
    let delivery =
        |server: &FakeServer| SmtpDelivery::new(server.url("smtp+plain"), None, &sender()).unwrap();
    let refused = deliver_to(&delivery(&FakeServer::start(accept_all)), address);
    assert!(matches!(refused, Err(DeliveryError::Permanent(_))), "{refused:?}");
    let server = FakeServer::start(offers_smtputf8);
    assert_eq!(deliver_to(&delivery(&server), address), Ok(()));
    assert!(server.command("MAIL").contains("SMTPUTF8"));
}

#[test]
fn domain_beyond_ascii_is_delivered_as_punycode() {
    let server = FakeServer::start(accept_all);
    let delivery = SmtpDelivery::new(server.url("smtp+plain"), None, &sender()).unwrap();
    assert_eq!(deliver_to(&delivery, "ada@B\u{dc}CHER.example"), Ok(()));
    assert_eq!(server.command("MAIL"), "MAIL FROM:<no-reply@example.org>");
    assert_eq!(server.command("RCPT"), "RCPT TO:<ada@xn--bcher-kva.example>");
}

#[test]
fn debug_output_hides_the_password() {
    let server = FakeServer::start(accept_all);
    let delivery = SmtpDelivery::new(server.url("smtp+plain"), Some(&credentials()), &sender()).unwrap();
    let shown = format!("{delivery:?} {:?}", credentials());
    assert!(!shown.contains("secret") && !shown.contains("ada"), "{shown}");
}
