//! From a mail to a message after RFC 5322.

use std::fmt;

use kunci_domain::Timestamp;
use kunci_domain::mail::{Mail, Recipient};
use lettre::address::{Address, Envelope};
use lettre::message::header::{
    ContentTransferEncoding, ContentType, HeaderName, HeaderValue, MIME_VERSION_1_0,
};
use lettre::message::{Body, Mailbox, Message};
use zeroize::Zeroizing;

use crate::error::ComposeError;
use crate::notice::system_time;
use crate::sender::Sender;
use crate::texts::{Site, text};

/// Where mails to nobody go, in words: a domain that never exists (RFC 2606, 2).
const NOBODY: (&str, &str) = ("nobody", "nowhere.invalid");

/// The longest line that may be sent as it is (RFC 5322, 2.1.1).
const MAX_LINE: usize = 998;

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
    /// When the library for messages refuses, which no mail is known to bring about.
    pub fn compose(&self, mail: &Mail, now: Timestamp, id: &str) -> Result<Zeroizing<Vec<u8>>, ComposeError> {
        let text = text(mail, &self.site);
        let to = address(&mail.to);
        let message = Message::builder()
            .date(system_time(now))
            .message_id(Some(format!("<{id}@{}>", self.sender.domain())))
            .from(self.sender.mailbox())
            .to(Mailbox::from(to.clone()))
            .subject(text.subject)
            .raw_header(auto_submitted())
            .header(MIME_VERSION_1_0)
            .header(ContentType::TEXT_PLAIN)
            .envelope(envelope(self.sender.mailbox().email, to)?)
            .body(body(&text.body))
            .map_err(|error| ComposeError(Box::new(error)))?;
        Ok(Zeroizing::new(message.formatted()))
    }
}

/// The body as it is where that will do, so that a link in an outbox can be read as it stands. The
/// library would encode a body for one line of more than 76 characters, which only others than ASCII need.
fn body(text: &str) -> Body {
    let plain = text.is_ascii() && text.lines().all(|line| line.len() <= MAX_LINE);
    if plain {
        let lines = text.replace('\n', "\r\n").into_bytes();
        Body::dangerous_pre_encoded(lines, ContentTransferEncoding::SevenBit)
    } else {
        Body::new(text.to_owned())
    }
}

/// That a program wrote it, so that no other program answers (RFC 3834, 5).
fn auto_submitted() -> HeaderValue {
    HeaderValue::new(
        HeaderName::new_from_ascii_str("Auto-Submitted"),
        "auto-generated".to_owned(),
    )
}

/// The address as the library has it. The domain has checked it; the library's own check is stricter in
/// places, and a mail that is refused here would tell whose address it was that could not be mailed to.
fn address(to: &Recipient) -> Address {
    let (user, domain) = match to {
        Recipient::Address(address) => address.as_str().rsplit_once('@').unwrap_or(NOBODY),
        Recipient::Nobody => NOBODY,
    };
    Address::new_dangerous(user, domain)
}

fn envelope(from: Address, to: Address) -> Result<Envelope, ComposeError> {
    Envelope::new(Some(from), vec![to]).map_err(|error| ComposeError(Box::new(error)))
}

impl fmt::Debug for Composer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Composer").finish_non_exhaustive()
    }
}
