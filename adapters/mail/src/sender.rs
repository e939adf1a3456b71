//! The sender of mails, as an operator writes it.

use std::fmt;

use lettre::message::Mailbox;
use thiserror::Error;

/// The sender of every mail: an address, with an optional display name.
///
/// - The address is ASCII, because not every mail server accepts other addresses.
/// - The name has at most 64 characters, without control characters, `<`, `>`, `"` and `\`. It may be quoted.
///
/// ```
/// use kunci_mail::Sender;
///
/// assert!(Sender::parse("no-reply@example.org").is_ok());
/// assert!(Sender::parse("The Library <no-reply@example.org>").is_ok());
/// assert!(Sender::parse("The Library\r\nBcc: all@example.org <no-reply@example.org>").is_err());
/// assert!(Sender::parse("The Library").is_err());
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Sender(Mailbox);

/// The text is not a valid sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("expected a sender such as no-reply@example.org or Some Name <no-reply@example.org>")]
pub struct SenderError;

impl Sender {
    const MAX_NAME_CHARS: usize = 64;

    /// Parses a sender and ignores spaces around it.
    ///
    /// # Errors
    /// Returns [`SenderError`] if the text breaks one of the rules listed on the type.
    pub fn parse(text: &str) -> Result<Self, SenderError> {
        let text = text.trim();
        if text.contains(char::is_control) {
            return Err(SenderError);
        }
        let (name, address) = match text.strip_suffix('>') {
            Some(text) => text.rsplit_once('<').ok_or(SenderError)?,
            None => ("", text),
        };
        let name = unquoted(name.trim());
        let email = address.trim().parse().map_err(|_| SenderError)?;
        let mailbox = Mailbox::new((!name.is_empty()).then(|| name.to_owned()), email);
        is_valid(&mailbox).then_some(Self(mailbox)).ok_or(SenderError)
    }

    /// Returns the address, for the envelope.
    #[must_use]
    pub fn address(&self) -> &str {
        self.0.email.as_ref()
    }

    /// Returns the part of the address after the `@`.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.0.email.domain()
    }

    pub(crate) const fn mailbox(&self) -> &Mailbox {
        &self.0
    }
}

fn unquoted(name: &str) -> &str {
    name.strip_prefix('"')
        .and_then(|name| name.strip_suffix('"'))
        .unwrap_or(name)
}

/// Checks the rules listed on [`Sender`], and that `lettre` can read what it writes, which it does for every
/// message.
fn is_valid(mailbox: &Mailbox) -> bool {
    let name = mailbox.name.as_deref().unwrap_or_default();
    let is_allowed = |c| !matches!(c, '<' | '>' | '"' | '\\' | '\u{2028}' | '\u{2029}');
    let address: &str = mailbox.email.as_ref();
    address.is_ascii()
        && name.chars().count() <= Sender::MAX_NAME_CHARS
        && name.chars().all(is_allowed)
        && mailbox
            .to_string()
            .parse()
            .is_ok_and(|read: Mailbox| read.email == mailbox.email)
}

/// Writes the sender in the form that [`Sender::parse`] reads.
impl fmt::Display for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.name {
            Some(name) => write!(f, "{name} <{}>", self.0.email),
            None => write!(f, "{}", self.0.email),
        }
    }
}

impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sender(..)")
    }
}
