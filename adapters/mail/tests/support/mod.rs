//! Mails to send, and a parser for the messages.

#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each test file uses a part of this module, and a failed set-up fails the test"
)]

use kunci_domain::mail::{Mail, MailContent, Recipient};
use kunci_domain::{Actor, Device, EmailAddress, Event, EventKind, LinkToken, Timestamp, UserId, Username};
use kunci_mail::{Composer, Sender};

/// 2026-11-25 22:54:32.123 UTC.
pub(crate) const NOW: Timestamp = Timestamp::from_unix_millis(1_795_647_272_123);

pub(crate) const BASE: &str = "https://accounts.example.org";

pub(crate) const TOKEN: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// The headers of every message, in order.
pub(crate) const HEADERS: [&str; 9] = [
    "Date",
    "Message-ID",
    "From",
    "To",
    "Auto-Submitted",
    "Subject",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
];

pub(crate) fn composer() -> Composer {
    Composer::new(
        Sender::parse("Accounts <no-reply@example.org>").unwrap(),
        &format!("{BASE}/"),
    )
}

pub(crate) fn token() -> LinkToken {
    LinkToken::parse(TOKEN).unwrap()
}

pub(crate) fn mail(name: &str, to: &str, content: MailContent) -> Mail {
    Mail {
        to: Recipient::Address(EmailAddress::parse(to).unwrap()),
        name: Username::parse(name).unwrap(),
        content,
    }
}

pub(crate) fn reset() -> Mail {
    mail("ada", "ada@example.org", MailContent::ResetPassword(token()))
}

pub(crate) fn reset_for_nobody() -> Mail {
    Mail {
        to: Recipient::Nobody,
        ..reset()
    }
}

pub(crate) fn notice(kind: EventKind, device: Device) -> Mail {
    notice_of(Actor::Owner, kind, device)
}

pub(crate) fn notice_of(actor: Actor, kind: EventKind, device: Device) -> Mail {
    let event = Event {
        actor,
        target: Some(UserId::from_stored(7)),
        at: NOW,
        kind,
        device,
    };
    mail("ada", "ada@example.org", MailContent::Notice(event))
}

/// The headers and the body of a message.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Parts {
    /// Parses a message after RFC 5322: lines that end with CR LF, folded headers, an empty line, the body.
    pub(crate) fn of(message: &[u8]) -> Self {
        let text = std::str::from_utf8(message).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let head = head.replace("\r\n ", " ").replace("\r\n\t", " ");
        let header = |line: &str| {
            let (name, value) = line.split_once(':').unwrap();
            (name.to_owned(), value.trim().to_owned())
        };
        Self {
            headers: head.split("\r\n").map(header).collect(),
            body: body.replace("\r\n", "\n"),
        }
    }

    #[track_caller]
    pub(crate) fn header(&self, name: &str) -> &str {
        let found: Vec<_> = self.headers.iter().filter(|(it, _)| it == name).collect();
        assert_eq!(found.len(), 1, "{name} in {:?}", self.headers);
        &found[0].1
    }

    pub(crate) fn header_names(&self) -> Vec<&str> {
        self.headers.iter().map(|(name, _)| name.as_str()).collect()
    }
}

pub(crate) fn parts(mail: &Mail) -> Parts {
    Parts::of(&composer().compose(mail, NOW, "id").unwrap())
}
