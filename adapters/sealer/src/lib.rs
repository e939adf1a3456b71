//! Sealed secrets: authenticated encryption with XChaCha20-Poly1305 under keys that no store sees.
//!
//! [`XChaChaSealer`] seals under one key and opens under that one and any former ones, so that the
//! server's secret can be changed. Left out: where the secret is kept, and sealing old things anew.

use std::fmt;
use std::sync::Arc;

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{Key, KeyInit, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use kunci_domain::ports::{Cause, Entropy, EntropyError, Sealer, UnsealError};
use sha2::Sha256;
use thiserror::Error;
use zeroize::Zeroizing;

/// What the sealing key is derived under.
///
/// The same secret signs cookies, which are the HMAC of 32 bytes; no cookie is ever the HMAC of this
/// text, since its length is another one.
const LABEL: &[u8] = b"kunci: the key that seals secrets, first version";

/// The first byte of whatever is sealed, so that another scheme can come to stand beside this one.
const VERSION: u8 = 1;

/// Long enough to be drawn at random without ever keeping account of it.
const NONCE_LEN: usize = 24;

/// Seals with XChaCha20-Poly1305: a version byte, a random nonce of 24 bytes, then the sealed secret
/// and its tag of 16 bytes. The context is authenticated with it and kept nowhere.
///
/// Keys are derived from secrets with HMAC-SHA-256 under a label of their own, so that a secret which
/// also serves for something else gives nothing away. They are wiped when the sealer is dropped.
pub struct XChaChaSealer {
    current: XChaCha20Poly1305,
    former: Vec<XChaCha20Poly1305>,
    entropy: Arc<dyn Entropy>,
}

/// A secret is shorter than [`XChaChaSealer::MIN_SECRET_LEN`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a secret for sealing has at least 32 bytes")]
pub struct SecretError;

impl XChaChaSealer {
    /// The shortest secret, in bytes (OWASP ASVS 5.0, 11.2.3).
    pub const MIN_SECRET_LEN: usize = 32;

    /// A sealer that seals under `current` and opens what was sealed under that or any of `former`.
    ///
    /// # Errors
    /// When one of the secrets is too short.
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

/// The cipher for a secret. It wipes its key when it is dropped.
fn cipher(secret: &[u8]) -> Result<XChaCha20Poly1305, SecretError> {
    if secret.len() < XChaChaSealer::MIN_SECRET_LEN {
        return Err(SecretError);
    }
    let mac = Hmac::<Sha256>::new_from_slice(secret).map_err(|_| SecretError)?;
    let mut key = Key::from(<[u8; 32]>::from(mac.chain_update(LABEL).finalize().into_bytes()));
    let cipher = XChaCha20Poly1305::new(&key);
    zeroize::Zeroize::zeroize(key.as_mut_slice());
    Ok(cipher)
}

impl Sealer for XChaChaSealer {
    fn seal(&self, secret: &[u8], context: &[u8]) -> Result<Vec<u8>, EntropyError> {
        let mut nonce = [0; NONCE_LEN];
        self.entropy.fill(&mut nonce)?;
        let payload = Payload {
            msg: secret,
            aad: context,
        };
        // The cipher refuses nothing below 256 GiB, so that this is not met; it is an error all the same.
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
            .ok_or_else(|| UnsealError(Some(Cause::from("no key that is known fits"))))
    }
}

/// The nonce and what follows it, if it is of the version that is known.
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
