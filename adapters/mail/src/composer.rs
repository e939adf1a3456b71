//! From a mail to a message after RFC 5322.

use std::fmt;

use encodify::qp;
use kunci_domain::Timestamp;
use kunci_domain::mail::{Mail, Recipient};
use mail_builder::headers::Header;
use mail_builder::headers::address::Address;
use mail_builder::headers::date::Date;
use mail_builder::headers::message_id::MessageId;
use mail_builder::headers::raw::Raw;
use mail_builder::headers::text::Text;
use zeroize::Zeroizing;

use crate::error::ComposeError;
use crate::notice::unix_seconds;
use crate::sender::Sender;
use crate::texts::{Site, text};

/// Where mails to nobody go, in words: a domain that never exists (RFC 2606, 2).
const NOBODY: &str = "nobody@nowhere.invalid";

/// The longest line that may be sent as it is (RFC 5322, 2.1.1).
const MAX_LINE: usize = 998;

/// The longest word of a subject that is not encoded: what fits a line that should not be exceeded.
const MAX_WORD: usize = 76;

/// Makes messages.
///
/// Nothing that a user chose stands in a header but the address that the mail goes to, which cannot
/// break one; see [`EmailAddress`](kunci_domain::EmailAddress).
pub struct Composer {
    sender: Sender,
    site: Site,
}

impl Composer {
    /// Makes messages from `sender`, with links that begin with `public_url`.
    #[must_use]
    pub fn new(sender: Sender, public_url: &str) -> Self {
        let base = public_url.trim_end_matches('/').to_owned();
        Self {
            sender,
            site: Site { base },
        }
    }

    /// Who the messages come from.
    #[must_use]
    pub const fn sender(&self) -> &Sender {
        &self.sender
    }

    /// The message for a mail. `id` makes it unlike any other: letters, digits and hyphens, the left half of its
    /// `Message-ID`.
    ///
    /// # Errors
    /// When `id` has anything else in it.
    pub fn compose(&self, mail: &Mail, now: Timestamp, id: &str) -> Result<Zeroizing<Vec<u8>>, ComposeError> {
        // The library writes this header as it comes, so that a line break in it would begin another one.
        if !id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
            return Err(ComposeError);
        }
        let text = text(mail, &self.site);
        let (encoding, body) = body(&text.body);
        let mut message = Zeroizing::new(Vec::new());
        let out = &mut *message;
        put(out, "Date", &Date::new(unix_seconds(now)));
        put(
            out,
            "Message-ID",
            &MessageId::new(format!("{id}@{}", self.sender.domain())),
        );
        put(out, "From", &self.sender.mailbox());
        put(out, "To", &Address::from(address(&mail.to)));
        put_subject(out, &text.subject);
        // No other program is to answer (RFC 3834, 5).
        put(out, "Auto-Submitted", &Raw::new("auto-generated"));
        put(out, "MIME-Version", &Raw::new("1.0"));
        put(out, "Content-Type", &Raw::new("text/plain; charset=utf-8"));
        put(out, "Content-Transfer-Encoding", &Raw::new(encoding));
        // Whatever is left behind when the message grows has no link in it, as the body comes in one piece.
        out.extend_from_slice(b"\r\n");
        out.extend_from_slice(body.as_bytes());
        Ok(message)
    }
}

/// Adds a header. The library's own builder of messages would bring along parts, attachments and boundaries.
fn put(out: &mut Vec<u8>, name: &str, value: &impl Header) {
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b": ");
    value.write_header(out, name.len() + 2);
}

/// The subject as it is where that will do, as a person may read it in an outbox. The library would encode
/// it for being longer than a line, which can be broken between words.
fn put_subject(out: &mut Vec<u8>, text: &str) {
    let plain = text.bytes().all(is_plain) && text.split(' ').all(|word| word.len() <= MAX_WORD);
    if plain {
        put(out, "Subject", &Raw::new(text));
    } else {
        put(out, "Subject", &Text::new(text));
    }
}

/// How a body is encoded, and the body in that encoding: as it is where that will do, so that a link in an
/// outbox can be read as it stands. The library would choose the shortest, and that may be one that nobody
/// can read.
fn body(text: &str) -> (&'static str, Zeroizing<String>) {
    let plain = text.bytes().all(|byte| is_plain(byte) || byte == b'\n');
    if plain && text.lines().all(|line| line.len() <= MAX_LINE) {
        return ("7bit", Zeroizing::new(text.replace('\n', "\r\n")));
    }
    // Three bytes for one, and the ends of lines: made in a place that never grows, no token is left behind.
    let mut body = Zeroizing::new(String::with_capacity(4 * text.len()));
    qp::BODY.encode_append(text, &mut *body);
    ("quoted-printable", body)
}

/// What stands for itself in every part of a message.
fn is_plain(byte: u8) -> bool {
    (b' '..=b'~').contains(&byte)
}

/// The domain has checked that an address can break no header.
fn address(to: &Recipient) -> &str {
    match to {
        Recipient::Address(address) => address.as_str(),
        Recipient::Nobody => NOBODY,
    }
}

impl fmt::Debug for Composer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Composer").finish_non_exhaustive()
    }
}
