//! The port for randomness.

use thiserror::Error;

/// A source of unpredictable bytes.
pub trait Entropy: Send + Sync {
    /// Fills `bytes` from a generator that is suitable for secrets.
    ///
    /// # Errors
    /// Returns [`EntropyError`] if no randomness is available. The caller then creates no secret at all
    /// (OWASP ASVS 5.0, 11.5.2).
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError>;
}

/// The source of randomness failed.
#[derive(Debug, Error)]
#[error("the source of randomness failed")]
pub struct EntropyError(#[source] pub Box<dyn std::error::Error + Send + Sync>);
