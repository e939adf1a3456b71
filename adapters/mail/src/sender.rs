//! Who mails come from, as an operator writes it.

use std::fmt;

use kunci_domain::EmailAddress;
use mail_builder::headers::address::Address;
use thiserror::Error;

/// The sender of every mail: an address, with a name for people or without.
///
/// - The address is ASCII, as not every server takes others, and has no empty part between dots.
/// - The name is of at most 64 characters, none of which breaks a line or a header.
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
pub struct Sender {
    name: Option<String>,
    address: EmailAddress,
}

/// The text names no sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a sender looks like no-reply@example.org or Some Name <no-reply@example.org>")]
pub struct SenderError;

impl Sender {
    const MAX_NAME_CHARS: usize = 64;

    /// Reads a sender that an operator gave; spaces around it are dropped.
    ///
    /// # Errors
    /// When the text breaks one of the rules listed on the type.
    pub fn parse(text: &str) -> Result<Self, SenderError> {
        let text = text.trim();
        if text.contains(char::is_control) {
            return Err(SenderError);
        }
        match text.strip_suffix('>') {
            None => Ok(Self {
                name: None,
                address: address(text)?,
            }),
            Some(text) => {
                let (name, within) = text.rsplit_once('<').ok_or(SenderError)?;
                Ok(Self {
                    name: parse_name(name)?,
                    address: address(within)?,
                })
            }
        }
    }

    /// The address, for the envelope.
    #[must_use]
    pub fn address(&self) -> &str {
        self.address.as_str()
    }

    /// The part of the address behind the `@`.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.address().rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    /// For a header: what was read can break none.
    pub(crate) fn mailbox(&self) -> Address<'_> {
        Address::new_address(self.name.as_deref(), self.address())
    }
}

fn address(text: &str) -> Result<EmailAddress, SenderError> {
    let address = EmailAddress::parse(text).map_err(|_| SenderError)?;
    let mut parts = address.as_str().split(['.', '@']);
    let is_sound = address.as_str().is_ascii() && parts.all(|part| !part.is_empty());
    is_sound.then_some(address).ok_or(SenderError)
}

fn parse_name(text: &str) -> Result<Option<String>, SenderError> {
    let name = text.trim();
    let name = name
        .strip_prefix('"')
        .and_then(|name| name.strip_suffix('"'))
        .unwrap_or(name);
    let breaks = |c| matches!(c, '<' | '>' | '"' | '\\' | '\u{2028}' | '\u{2029}');
    if name.chars().any(breaks) || Sender::MAX_NAME_CHARS < name.chars().count() {
        return Err(SenderError);
    }
    Ok((!name.is_empty()).then(|| name.to_owned()))
}

/// As an operator may write it.
impl fmt::Display for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{name} <{}>", self.address()),
            None => f.write_str(self.address()),
        }
    }
}

impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sender(..)")
    }
}
