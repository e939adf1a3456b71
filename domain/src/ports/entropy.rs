//! The port for randomness.

use thiserror::Error;

/// Gives unpredictable bytes.
pub trait Entropy: Send + Sync {
    /// Fills `bytes` from a generator that is fit for secrets.
    ///
    /// # Errors
    /// When there is none to be had. A caller then makes no secret at all (OWASP ASVS 5.0, 11.5.2).
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError>;
}

/// No randomness could be had.
#[derive(Debug, Error)]
#[error("the source of randomness failed")]
pub struct EntropyError(#[source] pub Box<dyn std::error::Error + Send + Sync>);
