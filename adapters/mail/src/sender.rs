//! Who mails come from, as an operator writes it.

use std::fmt;
use std::str::FromStr;

use kunci_domain::EmailAddress;
use lettre::Address;
use lettre::message::Mailbox;
use thiserror::Error;

/// The sender of every mail: an address, with a name for people or without.
///
/// - The address is ASCII, as not every server takes others.
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
    address: Address,
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
        self.address.as_ref()
    }

    /// The part of the address behind the `@`.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.address.domain()
    }

    pub(crate) fn mailbox(&self) -> Mailbox {
        Mailbox::new(self.name.clone(), self.address.clone())
    }
}

/// What both the domain and the library for messages take for an address.
fn address(text: &str) -> Result<Address, SenderError> {
    let checked = EmailAddress::parse(text).map_err(|_| SenderError)?;
    if !checked.as_str().is_ascii() {
        return Err(SenderError);
    }
    Address::from_str(checked.as_str()).map_err(|_| SenderError)
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
            Some(name) => write!(f, "{name} <{}>", self.address),
            None => self.address.fmt(f),
        }
    }
}

impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sender(..)")
    }
}
