//! Email addresses.
//!
//! This type refuses texts that cannot be an address or that could break a message header. Only a delivered
//! mail proves that an address works.

use thiserror::Error;

use crate::byte_types::redact;
use crate::hidden::is_hidden;

/// An email address in the common form `local@domain`.
///
/// - at most 254 bytes, the local part at most 64 (RFC 5321, 4.5.3.1)
/// - exactly one `@`, with text on both sides; no empty label in the domain
/// - no spaces, no control characters, none of `<>()[],;:\"`
///
/// ```
/// use kunci_domain::EmailAddress;
///
/// assert_eq!(EmailAddress::parse("ada@example.org")?.as_str(), "ada@example.org");
/// assert!(EmailAddress::parse("ada").is_err());
/// assert!(EmailAddress::parse("a@b\r\nBcc: c@d").is_err());
/// # Ok::<(), kunci_domain::EmailAddressError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct EmailAddress(String);

/// The text is not an email address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("an email address looks like name@example.org")]
pub struct EmailAddressError;

impl EmailAddress {
    /// Parses an address; surrounding spaces are dropped.
    ///
    /// # Errors
    /// If the text breaks a rule of the type.
    pub fn parse(text: &str) -> Result<Self, EmailAddressError> {
        let text = text.trim();
        let (local, domain) = text.rsplit_once('@').ok_or(EmailAddressError)?;
        let sized = text.len() <= 254 && (1..=64).contains(&local.len());
        let labelled = domain.split('.').all(|label| !label.is_empty());
        if sized
            && labelled
            && text.chars().filter(|c| *c == '@').count() == 1
            && text.chars().all(is_allowed)
        {
            Ok(Self(text.to_owned()))
        } else {
            Err(EmailAddressError)
        }
    }

    /// Parses a new address. Stored addresses are only parsed.
    ///
    /// # Errors
    /// If the text breaks a rule of the type, or has [hidden characters](is_hidden).
    pub fn choose(text: &str) -> Result<Self, EmailAddressError> {
        Self::parse(text).and_then(|address| {
            let shows_itself = !address.0.contains(is_hidden);
            shows_itself.then_some(address).ok_or(EmailAddressError)
        })
    }

    /// Returns the address as entered, without surrounding spaces.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns one text for all spellings of an address that may reach one mailbox, as a key for rate limits.
    ///
    /// Case, dots in the local part, and a tag after `+` are ignored, as large mail providers do.
    pub(crate) fn mailbox(&self) -> String {
        let folded = self.0.to_lowercase();
        let (local, domain) = folded.split_once('@').unwrap_or((&folded, ""));
        let untagged = local.split('+').next().unwrap_or_default();
        format!("{}@{domain}", untagged.replace('.', ""))
    }
}

redact!(EmailAddress);

fn is_allowed(c: char) -> bool {
    !c.is_whitespace() && !c.is_control() && !r#"<>()[],;:\""#.contains(c)
}
