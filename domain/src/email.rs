//! Addresses for mail.
//!
//! Whether mail arrives there is shown only by sending some; this type keeps out what cannot be an
//! address and what could break a message header.

use std::fmt;

use thiserror::Error;

/// An e-mail address in the common form `local@domain`.
///
/// - at most 254 bytes, the local part at most 64 (RFC 5321, 4.5.3.1)
/// - one `@` with something on either side; the domain has no empty label
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

/// The text is no e-mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("an e-mail address looks like name@example.org")]
pub struct EmailAddressError;

impl EmailAddress {
    /// Reads an address that a person or program gave; spaces around it are dropped.
    ///
    /// # Errors
    /// When the text breaks one of the rules listed on the type.
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

    /// The address as given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailAddress(..)")
    }
}

fn is_allowed(c: char) -> bool {
    !c.is_whitespace() && !c.is_control() && !r#"<>()[],;:\""#.contains(c)
}
