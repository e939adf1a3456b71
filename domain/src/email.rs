//! Email addresses.
//!
//! This type refuses texts that cannot be an address or that could break a message header. Only a delivered
//! mail proves that an address works.

use thiserror::Error;
use unicode_normalization::UnicodeNormalization;

use crate::byte_types::redact;
use crate::hidden::is_hidden;
use crate::idn;

/// An email address in the common form `local@domain`.
///
/// - at most 254 bytes, the local part at most 64 (RFC 5321, 4.5.3.1)
/// - exactly one `@`, with text on both sides; no empty label in the domain
/// - no spaces, no control characters, none of `<>()[],;:\"`
/// - one form for all spellings of a domain beyond ASCII: in lower case, composed, without punycode
///
/// ```
/// use kunci_domain::EmailAddress;
///
/// assert_eq!(EmailAddress::parse("ada@example.org")?.as_str(), "ada@example.org");
/// assert_eq!(EmailAddress::parse("ada@xn--bcher-kva.example")?.as_str(), "ada@bücher.example");
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
    /// Parses an address; surrounding white space is dropped.
    ///
    /// # Errors
    /// If the text breaks a rule of the type.
    pub fn parse(text: &str) -> Result<Self, EmailAddressError> {
        let text = text.trim();
        check(text)?;
        let unified = unified(text);
        // A stored address is never lost: if its other form would break a rule, it stays as it is.
        Ok(Self(match check(&unified) {
            Ok(()) => unified,
            Err(EmailAddressError) => text.to_owned(),
        }))
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

    /// Returns the address for display and for look-up. Stores compare it without regard to ASCII case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the address with its domain in punycode, which every mail server accepts (RFC 5891).
    #[must_use]
    pub fn with_ascii_domain(&self) -> String {
        let (local, domain) = parts(&self.0);
        format!("{local}@{}", idn::ascii(domain))
    }

    /// Returns one text for all spellings of an address that may reach one mailbox, as a key for rate limits.
    ///
    /// Case, dots in the local part, and a tag after `+` are ignored, as large mail providers do.
    pub(crate) fn mailbox(&self) -> String {
        let folded = self.0.to_lowercase();
        let (local, domain) = parts(&folded);
        let untagged = local.split('+').next().unwrap_or_default();
        format!("{}@{domain}", untagged.replace('.', ""))
    }
}

redact!(EmailAddress);

fn parts(address: &str) -> (&str, &str) {
    address.rsplit_once('@').unwrap_or((address, ""))
}

fn check(text: &str) -> Result<(), EmailAddressError> {
    let (local, domain) = parts(text);
    let is_sized = text.len() <= 254 && (1..=64).contains(&local.len());
    let has_labels = domain.split('.').all(|label| !label.is_empty());
    let has_one_sign = text.chars().filter(|c| *c == '@').count() == 1;
    let is_address = is_sized && has_labels && has_one_sign && text.chars().all(is_allowed);
    is_address.then_some(()).ok_or(EmailAddressError)
}

/// Returns an address in the form that all its spellings share. This runs with every request, and most
/// addresses are in this form already.
fn unified(address: &str) -> String {
    if address.is_ascii() && !address.contains("--") {
        return address.to_owned();
    }
    let (local, domain) = parts(address);
    let local: String = local.nfc().collect();
    format!("{local}@{}", idn::readable(domain))
}

fn is_allowed(c: char) -> bool {
    !c.is_whitespace() && !c.is_control() && !r#"<>()[],;:\""#.contains(c)
}
