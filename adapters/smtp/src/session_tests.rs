//! What is said to a server and what never is, and what its answers mean for a message.

use std::time::Duration;

use kunci_domain::EmailAddress;
use kunci_mail::Sender;
use zeroize::Zeroizing;

use crate::courier::{Courier, Refusal};
use crate::credentials::Credentials;
use crate::fake_server::{Answer, FakeServer, Heard, Manners, polite};
use crate::session::Sessions;

const MESSAGE: &[u8] = b"Subject: x\r\n\r\nHello\r\n.hidden\r\n";

fn sender() -> Sender {
    Sender::parse("Accounts <no-reply@example.org>").unwrap()
}

fn credentials() -> Credentials {
    Credentials::new("ada".to_owned(), Zeroizing::new("secret".to_owned()))
}

fn deliver_to(sessions: &Sessions, address: &str) -> Result<(), Refusal> {
    sessions.deliver(&EmailAddress::parse(address).unwrap(), MESSAGE)
}

fn deliver(server: &FakeServer, scheme: &str, credentials: Option<&Credentials>) -> Result<(), Refusal> {
    let sessions = Sessions::with_roots(server.url(scheme), credentials, &sender(), server.roots());
    deliver_to(&sessions.unwrap(), "ada@example.org")
}

#[test]
fn a_message_goes_from_the_sender_to_its_recipient_as_it_is() {
    let server = FakeServer::start(polite);
    assert_eq!(deliver(&server, "smtp+plain", None), Ok(()));
    assert_eq!(server.command("EHLO"), "EHLO example.org");
    assert_eq!(server.command("MAIL"), "MAIL FROM:<no-reply@example.org>");
    assert_eq!(server.command("RCPT"), "RCPT TO:<ada@example.org>");
    // The end of the data adds an empty line of its own.
    let mail = server.mail();
    assert_eq!(mail.trim_end().as_bytes(), MESSAGE.trim_ascii_end());
    server.command("QUIT");
}

#[test]
fn whether_a_sender_will_do_is_for_the_server_to_say() {
    let server = FakeServer::start(polite);
    let sender = Sender::parse("a@mail_1.-").unwrap();
    let sessions = Sessions::with_roots(server.url("smtp+plain"), None, &sender, server.roots());
    assert_eq!(deliver_to(&sessions.unwrap(), "ada@example.org"), Ok(()));
    assert_eq!(server.command("MAIL"), "MAIL FROM:<a@mail_1.->");
}

#[test]
fn with_tls_from_the_first_byte_the_password_is_said() {
    let server = FakeServer::start_tls(polite);
    assert_eq!(deliver(&server, "smtps", Some(&credentials())), Ok(()));
    // The base64 of NUL, ada, NUL, secret.
    assert_eq!(server.command("AUTH"), "AUTH PLAIN AGFkYQBzZWNyZXQ=");
    assert!(server.mail().contains("Hello"));
}

#[test]
fn with_starttls_everything_is_said_after_it() {
    fn manners(connection: usize, command: &str) -> Answer {
        match command {
            "STARTTLS" => Answer::Tls("220 go on"),
            "EHLO example.org" => Answer::Line("250-mail.example.org\r\n250-STARTTLS\r\n250 AUTH PLAIN"),
            _ => polite(connection, command),
        }
    }
    let server = FakeServer::start(manners);
    assert_eq!(deliver(&server, "smtp", Some(&credentials())), Ok(()));
    server.command("STARTTLS");
    server.command("EHLO");
    server.command("AUTH");
    assert!(server.mail().contains("Hello"));
}

/// Whoever stands between us and the server can hide its offer, or answer in its place.
#[test]
fn without_starttls_nothing_is_said() {
    fn offers_and_refuses(connection: usize, command: &str) -> Answer {
        match command {
            "STARTTLS" => Answer::Line("454 not now"),
            "EHLO example.org" => Answer::Line("250-mail.example.org\r\n250-STARTTLS\r\n250 AUTH PLAIN"),
            _ => polite(connection, command),
        }
    }
    fn says_no(connection: usize, command: &str) -> Answer {
        match offers_and_refuses(connection, command) {
            Answer::Line("454 not now") => Answer::Line("502 what is that"),
            answer => answer,
        }
    }
    for manners in [polite as Manners, offers_and_refuses, says_no] {
        let server = FakeServer::start(manners);
        let refused = deliver(&server, "smtp", Some(&credentials()));
        assert!(matches!(refused, Err(Refusal::Unreachable(_))), "{refused:?}");
        let said = |heard: &Heard| match heard {
            Heard::Mail(_) => true,
            Heard::Command(command) => ["AUTH", "MAIL", "RCPT", "DATA"]
                .iter()
                .any(|word| command.starts_with(word)),
        };
        let heard = server.rest();
        assert!(!heard.iter().any(said), "{heard:?}");
    }
}

#[test]
fn a_certificate_of_somebody_else_is_none() {
    let (server, other) = (FakeServer::start_tls(polite), FakeServer::start_tls(polite));
    let sessions = Sessions::with_roots(server.url("smtps"), None, &sender(), other.roots()).unwrap();
    let refused = deliver_to(&sessions, "ada@example.org");
    assert!(matches!(refused, Err(Refusal::Unreachable(_))), "{refused:?}");
    assert_eq!(server.rest(), [Heard::Command("CONNECT".to_owned())]);
}

#[test]
fn what_an_answer_means_goes_by_its_code() {
    #[track_caller]
    fn check(manners: Manners, want: fn(String) -> Refusal) {
        let server = FakeServer::start(manners);
        let Err(refusal) = deliver(&server, "smtp+plain", Some(&credentials())) else {
            panic!("delivered");
        };
        let (Refusal::Never(reason) | Refusal::Later(reason) | Refusal::Unreachable(reason)) = &refusal;
        assert!(!reason.contains("ada"), "{reason}");
        assert_eq!(refusal, want(reason.clone()));
    }
    /// Answers a command that begins so, and is polite otherwise.
    macro_rules! upon {
        ($beginning:literal, $answer:expr) => {
            |connection, command| {
                if command.starts_with($beginning) {
                    $answer
                } else {
                    polite(connection, command)
                }
            }
        };
    }
    check(
        upon!("RCPT", Answer::Line("550 no ada@example.org here")),
        Refusal::Never,
    );
    check(upon!("MAIL", Answer::Line("553 not from you")), Refusal::Never);
    check(upon!(".", Answer::Line("554 no")), Refusal::Never);
    check(upon!("RCPT", Answer::Line("450 not now, ada")), Refusal::Later);
    check(upon!(".", Answer::Line("452 full")), Refusal::Later);
    check(upon!("DATA", Answer::HangUp), Refusal::Later);
    check(upon!(".", Answer::HangUp), Refusal::Later);
    check(upon!("RCPT", Answer::Line("who is ada?")), Refusal::Later);
    check(upon!("RCPT", Answer::Line("421 closing")), Refusal::Unreachable);
    check(
        upon!("MAIL", Answer::Line("530 who are you")),
        Refusal::Unreachable,
    );
    check(
        upon!("AUTH", Answer::Line("535 ada is wrong")),
        Refusal::Unreachable,
    );
    check(
        upon!("CONNECT", Answer::Line("554 go away")),
        Refusal::Unreachable,
    );
    check(upon!("CONNECT", Answer::HangUp), Refusal::Unreachable);
    check(
        upon!("EHLO", Answer::Line("500 what is that")),
        Refusal::Unreachable,
    );
}

#[test]
fn a_server_that_never_answers_is_left_in_time() {
    let server = FakeServer::start(|_, _| Answer::Silence);
    let sessions = Sessions::new(server.url("smtp+plain"), None, &sender()).unwrap();
    let sessions = sessions.with_timeout(Duration::from_millis(50));
    let in_time = "the server did not answer in time".to_owned();
    assert_eq!(
        deliver_to(&sessions, "ada@example.org"),
        Err(Refusal::Unreachable(in_time))
    );
    assert_eq!(server.command("CONNECT"), "CONNECT");
}

#[test]
fn an_address_beyond_ascii_needs_a_server_that_takes_such() {
    fn takes_such(connection: usize, command: &str) -> Answer {
        match command.split(' ').next() {
            Some("EHLO") => Answer::Line("250-mail.example.org\r\n250-8BITMIME\r\n250 SMTPUTF8"),
            _ => polite(connection, command),
        }
    }
    let address = "b\u{f6}se@b\u{fc}cher.example";
    let sessions = |server: &FakeServer| Sessions::new(server.url("smtp+plain"), None, &sender()).unwrap();
    let refused = deliver_to(&sessions(&FakeServer::start(polite)), address);
    assert!(matches!(refused, Err(Refusal::Never(_))), "{refused:?}");
    let server = FakeServer::start(takes_such);
    assert_eq!(deliver_to(&sessions(&server), address), Ok(()));
    assert!(server.command("MAIL").contains("SMTPUTF8"));
}

#[test]
fn debug_shows_no_password() {
    let server = FakeServer::start(polite);
    let sessions = Sessions::new(server.url("smtp+plain"), Some(&credentials()), &sender()).unwrap();
    let shown = format!("{sessions:?} {:?}", credentials());
    assert!(!shown.contains("secret") && !shown.contains("ada"), "{shown}");
}
