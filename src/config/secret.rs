//! Secrets: the key that signs cookies, and the password for the mail server.
//!
//! Left out: making a key and keeping it in a file; the composition root does that when none is given.

use std::fmt;

use base64ct::{Base64UrlUnpadded, Encoding};
use zeroize::Zeroizing;

use super::base::{Refusal, list};

/// The fewest bytes of a key: HMAC-SHA-256 is as strong as its key up to 32 (RFC 2104, section 3).
const SHORTEST: usize = 32;

/// The most bytes of a key or password as text; nobody makes one as long, so it would be a mistake.
const LONGEST_TEXT: usize = 1024;

/// A key of at least 32 bytes, given as hexadecimal digits or as base64url.
///
/// A text of hexadecimal digits alone is always taken for hexadecimal.
/// It has no `Display` and no comparison, and its `Debug` shows nothing of it.
#[derive(Clone)]
pub struct SecretKey(Vec<u8>);

impl SecretKey {
    pub(super) fn parse(text: &str) -> Result<Self, Refusal> {
        if LONGEST_TEXT < text.len() {
            return Err("is far longer than a key".into());
        }
        let bytes = if text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            from_hex(text)
        } else {
            Base64UrlUnpadded::decode_vec(text.trim_end_matches('=')).ok()
        };
        match bytes {
            None => Err("is neither hexadecimal nor base64url".into()),
            Some(bytes) if bytes.len() < SHORTEST => Err("is shorter than 32 bytes".into()),
            Some(bytes) => Ok(SecretKey(bytes)),
        }
    }

    pub(super) fn parse_list(text: &str) -> Result<Vec<Self>, Refusal> {
        list(text, Self::parse)
    }

    /// The bytes themselves, for whoever signs with them.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(..)")
    }
}

/// A password for the mail server; wiped when dropped.
///
/// It has no `Display` and no comparison, and its `Debug` shows nothing of it.
#[derive(Clone)]
pub struct SmtpPassword(Zeroizing<String>);

impl SmtpPassword {
    pub(super) fn parse(text: &str) -> Result<Self, Refusal> {
        match text {
            "" => Err("is empty".into()),
            _ if text.contains(char::is_control) => Err("has a control character".into()),
            _ if LONGEST_TEXT < text.len() => Err("is far longer than a password".into()),
            _ => Ok(SmtpPassword(Zeroizing::new(text.to_owned()))),
        }
    }

    /// The password itself, for whoever comes to the server.
    pub fn expose(&self) -> &Zeroizing<String> {
        &self.0
    }
}

impl fmt::Debug for SmtpPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SmtpPassword(..)")
    }
}

/// `None` unless the text is pairs of hexadecimal digits.
fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |char: u8| char::from(char).to_digit(16);
    text.as_bytes()
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => u8::try_from(digit(*high)? * 16 + digit(*low)?).ok(),
            _ => None,
        })
        .collect()
}
