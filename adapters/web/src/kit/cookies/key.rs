//! The secret key that signs cookies.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use thiserror::Error;

/// Length of a signature in bytes.
pub(super) const TAG_LEN: usize = 32;

/// Secret key that signs cookies, of at least 256 bits.
#[derive(Clone)]
pub struct SigningKey(Hmac<Sha256>);

/// The key is shorter than 32 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the secret key is too short: expected at least 32 bytes")]
pub struct SigningKeyError;

impl SigningKey {
    /// Minimum length of a key in bytes (OWASP ASVS 5.0, 11.2.3).
    pub const MIN_LEN: usize = 32;

    /// Creates a key from its bytes.
    ///
    /// # Errors
    /// [`SigningKeyError`] if it has fewer than [`Self::MIN_LEN`] bytes.
    pub fn new(secret: &[u8]) -> Result<Self, SigningKeyError> {
        if secret.len() < Self::MIN_LEN {
            return Err(SigningKeyError);
        }
        Hmac::new_from_slice(secret)
            .map(Self)
            .map_err(|_| SigningKeyError)
    }

    /// Signs the concatenation of `parts`.
    ///
    /// The data of different cookies must differ in length or begin with different labels, so no signature
    /// is valid for two of them.
    pub(super) fn tag(&self, parts: &[&[u8]]) -> [u8; TAG_LEN] {
        self.mac(parts).finalize().into_bytes().into()
    }

    /// Checks a signature in constant time.
    pub(super) fn verify(&self, parts: &[&[u8]], tag: &[u8]) -> bool {
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
    fn short_keys_are_refused_and_debug_is_redacted() {
        assert_eq!(SigningKey::new(&[1; 31]).map(|_| ()), Err(SigningKeyError));
        assert_eq!(
            format!("{:?}", SigningKey::new(&[65; 32]).unwrap()),
            "SigningKey(..)"
        );
    }
}
