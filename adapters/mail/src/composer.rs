//! Composes messages after RFC 5322.

use std::fmt;

use kunci_domain::Timestamp;
use kunci_domain::mail::{Mail, Recipient};
use lettre::address::{Address, Envelope};
use lettre::message::header::{self, ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Body, Mailbox, Message, MessageBuilder};

use crate::error::ComposeError;
use crate::notice::system_time;
use crate::sender::Sender;
use crate::site::Site;
use crate::texts::text;

/// The address in mails to nobody. This domain never exists (RFC 2606, section 2).
const NOBODY: &str = "nobody@nowhere.invalid";

/// The longest line that may be sent without encoding, in bytes (RFC 5322, section 2.1.1).
const MAX_LINE: usize = 998;

/// Composes messages.
///
/// The recipient's address is the only value from a user in a header. It cannot contain a line break; see
/// [`EmailAddress`](kunci_domain::EmailAddress).
pub struct Composer {
    sender: Sender,
    site: Site,
}

impl Composer {
    /// Creates a composer for messages from `sender`, with links that begin with `public_url`.
    #[must_use]
    pub fn new(sender: Sender, public_url: &str) -> Self {
        let base = public_url.trim_end_matches('/').to_owned();
        Self {
            sender,
            site: Site { base },
        }
    }

    /// Returns the sender of every message.
    #[must_use]
    pub const fn sender(&self) -> &Sender {
        &self.sender
    }

    /// Composes the message for a mail. `id` is unique, consists of letters, digits and hyphens, and becomes
    /// the left half of the `Message-ID`.
    ///
    /// # Errors
    /// Returns [`ComposeError`] if `id` contains another character.
    pub fn compose(&self, mail: &Mail, now: Timestamp, id: &str) -> Result<Vec<u8>, ComposeError> {
        if !id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
            return Err(ComposeError::Id);
        }
        let text = text(mail, &self.site);
        let headers = self.headers(address(&mail.to), now, id)?.subject(text.subject);
        Ok(with_body(headers, text.body)?.formatted())
    }

    /// Sets every header except those of the content. With an envelope, `lettre` does not parse the
    /// recipient.
    fn headers(&self, to: Address, now: Timestamp, id: &str) -> Result<MessageBuilder, ComposeError> {
        let from = self.sender.mailbox();
        Ok(Message::builder()
            .envelope(Envelope::new(Some(from.email.clone()), vec![to.clone()])?)
            .date(system_time(now))
            .message_id(Some(format!("<{id}@{}>", self.sender.domain())))
            .from(from.clone())
            .to(Mailbox::new(None, to))
            .raw_header(auto_submitted()))
    }
}

/// Marks the message as automatic, so that no program answers it (RFC 3834, section 5).
fn auto_submitted() -> HeaderValue {
    let name = HeaderName::new_from_ascii_str("Auto-Submitted");
    HeaderValue::new(name, "auto-generated".to_owned())
}

/// Adds the body. ASCII stays as it is, so that a reader of the outbox can copy the link. Any other text
/// becomes quoted-printable. `lettre` would encode every line over 76 bytes, and some texts as base64.
fn with_body(builder: MessageBuilder, text: String) -> Result<Message, lettre::error::Error> {
    let builder = builder
        .header(header::MIME_VERSION_1_0)
        .header(ContentType::TEXT_PLAIN);
    let is_plain = |line: &str| line.len() <= MAX_LINE && line.bytes().all(|b| (b' '..=b'~').contains(&b));
    if text.split('\n').all(is_plain) {
        let text = text.replace('\n', "\r\n").into_bytes();
        builder.body(Body::dangerous_pre_encoded(
            text,
            ContentTransferEncoding::SevenBit,
        ))
    } else {
        builder
            .header(ContentTransferEncoding::QuotedPrintable)
            .body(text)
    }
}

/// Returns the recipient's address, which the domain has checked already. Its domain is in punycode, because
/// not every mail server accepts other headers.
fn address(to: &Recipient) -> Address {
    let text = match to {
        Recipient::Address(address) => address.with_ascii_domain(),
        Recipient::Nobody => NOBODY.to_owned(),
    };
    let (user, domain) = text.rsplit_once('@').unwrap_or((&text, ""));
    Address::new_dangerous(user, domain)
}

impl fmt::Debug for Composer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Composer").finish_non_exhaustive()
    }
}
