//! The secret under which cookies are signed.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use thiserror::Error;

/// Length of a signature, in bytes.
pub(super) const TAG_LEN: usize = 32;

/// A secret under which cookies are signed: at least 256 bits.
#[derive(Clone)]
pub struct SigningKey(Hmac<Sha256>);

/// The key is shorter than 32 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a secret key has at least 32 bytes")]
pub struct SigningKeyError;

impl SigningKey {
    /// The shortest key, in bytes (OWASP ASVS 5.0, 11.2.3).
    pub const MIN_LEN: usize = 32;

    /// Takes a key.
    ///
    /// # Errors
    /// When it is too short.
    pub fn new(secret: &[u8]) -> Result<Self, SigningKeyError> {
        if secret.len() < Self::MIN_LEN {
            return Err(SigningKeyError);
        }
        Hmac::new_from_slice(secret)
            .map(Self)
            .map_err(|_| SigningKeyError)
    }

    /// The signature of something that consists of these parts.
    ///
    /// What is signed for another cookie must differ in length or begin with another label, so that no
    /// signature fits twice.
    pub(super) fn tag(&self, parts: &[&[u8]]) -> [u8; TAG_LEN] {
        self.mac(parts).finalize().into_bytes().into()
    }

    /// Whether it is that signature, in constant time.
    pub(super) fn fits(&self, parts: &[&[u8]], tag: &[u8]) -> bool {
        self.mac(parts).verify_slice(tag).is_ok()
    }

    fn mac(&self, parts: &[&[u8]]) -> Hmac<Sha256> {
        let mut mac = self.0.clone();
        for part in parts {
            mac.update(part);
        }
        mac
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_below_256_bits_are_refused_and_none_is_shown() {
        assert_eq!(SigningKey::new(&[1; 31]).map(|_| ()), Err(SigningKeyError));
        assert_eq!(
            format!("{:?}", SigningKey::new(&[65; 32]).unwrap()),
            "SigningKey(..)"
        );
    }
}
