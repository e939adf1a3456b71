//! Authenticated encryption of stored secrets with XChaCha20-Poly1305, under keys that no store sees.
//!
//! [`XChaChaSealer`] encrypts with the current key and decrypts with the current or a former key, so that the
//! server's secret can be rotated. It does not re-encrypt existing data.

use std::fmt;
use std::sync::Arc;

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use kunci_domain::ports::{Cause, Entropy, EntropyError, Sealer, UnsealError};
use zeroize::Zeroizing;

use crate::derived_key::{MIN_SECRET_LEN, SecretError, derive_key};

/// The label for deriving the sealing key.
const LABEL: &[u8] = b"kunci: the key that seals secrets, first version";

/// The first byte of sealed data, so that another scheme can be added later.
const VERSION: u8 = 1;

/// The length of nonces in bytes. Random nonces of this length do not repeat in practice.
const NONCE_LEN: usize = 24;

/// A [`Sealer`] with XChaCha20-Poly1305.
///
/// Sealed data consists of a version byte, a random nonce of 24 bytes, the ciphertext, and its tag of 16
/// bytes. The context is authenticated but not stored.
///
/// Keys are derived from secrets with HMAC-SHA-256 and a label, so that a secret may also serve other
/// purposes. They are wiped when the sealer is dropped.
pub struct XChaChaSealer {
    current: XChaCha20Poly1305,
    former: Vec<XChaCha20Poly1305>,
    entropy: Arc<dyn Entropy>,
}

impl XChaChaSealer {
    /// The minimum length of a secret in bytes (OWASP ASVS 5.0, 11.2.3).
    pub const MIN_SECRET_LEN: usize = MIN_SECRET_LEN;

    /// Creates a sealer that seals with `current`, and opens data that was sealed with `current` or one of
    /// `former`.
    ///
    /// # Errors
    /// Returns [`SecretError`] if one of the secrets is too short.
    pub fn new(current: &[u8], former: &[&[u8]], entropy: Arc<dyn Entropy>) -> Result<Self, SecretError> {
        Ok(Self {
            current: cipher(current)?,
            former: former
                .iter()
                .map(|secret| cipher(secret))
                .collect::<Result<_, _>>()?,
            entropy,
        })
    }
}

/// Derives the cipher from a secret. The cipher wipes its key when dropped.
fn cipher(secret: &[u8]) -> Result<XChaCha20Poly1305, SecretError> {
    let key = derive_key(secret, LABEL)?;
    Ok(XChaCha20Poly1305::new((&*key).into()))
}

impl Sealer for XChaChaSealer {
    fn seal(&self, secret: &[u8], context: &[u8]) -> Result<Vec<u8>, EntropyError> {
        let mut nonce = [0; NONCE_LEN];
        self.entropy.fill(&mut nonce)?;
        let payload = Payload {
            msg: secret,
            aad: context,
        };
        // The cipher only fails for secrets above 256 GiB.
        let text = self
            .current
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|error| EntropyError(Box::new(error)))?;
        Ok([&[VERSION][..], &nonce, &text].concat())
    }

    fn open(&self, sealed: &[u8], context: &[u8]) -> Result<Zeroizing<Vec<u8>>, UnsealError> {
        let (nonce, text) = parts(sealed).ok_or(UnsealError(None))?;
        let payload = || Payload {
            msg: text,
            aad: context,
        };
        std::iter::once(&self.current)
            .chain(&self.former)
            .find_map(|cipher| cipher.decrypt(nonce, payload()).ok())
            .map(Zeroizing::new)
            .ok_or_else(|| UnsealError(Some(Cause::from("no known key can open it"))))
    }
}

/// Splits sealed data into the nonce and the ciphertext. Returns `None` for another version.
fn parts(sealed: &[u8]) -> Option<(&XNonce, &[u8])> {
    let (&version, rest) = sealed.split_first()?;
    let (nonce, text) = rest.split_first_chunk::<NONCE_LEN>()?;
    (version == VERSION).then_some((nonce.into(), text))
}

impl fmt::Debug for XChaChaSealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("XChaChaSealer")
            .field("former", &self.former.len())
            .finish_non_exhaustive()
    }
}
