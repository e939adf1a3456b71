//! Keys that are derived from the server's secret, one for each purpose.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use thiserror::Error;
use zeroize::Zeroizing;

/// The minimum length of a secret in bytes (OWASP ASVS 5.0, 11.2.3).
pub(crate) const MIN_SECRET_LEN: usize = 32;

/// A secret is shorter than 32 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the secret is too short: expected at least 32 bytes")]
pub struct SecretError;

/// Derives the key for the purpose that `label` names: the HMAC-SHA-256 of the label.
///
/// The same secret signs cookies, with the HMAC of a token of 32 bytes. A label must have another length, so
/// that no cookie signature is the HMAC of a label.
///
/// # Errors
/// Returns [`SecretError`] if the secret is too short.
pub fn derive_key(secret: &[u8], label: &[u8]) -> Result<Zeroizing<[u8; 32]>, SecretError> {
    if secret.len() < MIN_SECRET_LEN {
        return Err(SecretError);
    }
    let mac = Hmac::<Sha256>::new_from_slice(secret).map_err(|_| SecretError)?;
    Ok(Zeroizing::new(
        mac.chain_update(label).finalize().into_bytes().into(),
    ))
}
