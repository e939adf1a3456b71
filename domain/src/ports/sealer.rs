//! The port that encrypts secrets which the server must read again but a store must not read.

use thiserror::Error;
use zeroize::Zeroizing;

use crate::ports::{Cause, EntropyError};

/// Authenticated encryption under keys that are kept separately from the sealed secrets.
///
/// # Contract
/// - Sealing the same secret twice gives different results.
/// - Data that was changed, truncated, sealed under an unknown key or sealed for another context does not
///   open.
/// - Data sealed under a former key opens for as long as that key is configured.
pub trait Sealer: Send + Sync {
    /// Seals a secret for a context, such as the id of its owner. Opening it takes the same context.
    ///
    /// # Errors
    /// [`EntropyError`]; there is no fallback.
    fn seal(&self, secret: &[u8], context: &[u8]) -> Result<Vec<u8>, EntropyError>;

    /// Opens sealed data.
    ///
    /// # Errors
    /// [`UnsealError`], whatever the cause.
    fn open(&self, sealed: &[u8], context: &[u8]) -> Result<Zeroizing<Vec<u8>>, UnsealError>;
}

/// The data was changed, or it was sealed under an unknown key or for another context.
#[derive(Debug, Error)]
#[error("a sealed secret cannot be opened")]
pub struct UnsealError(#[source] pub Option<Cause>);
