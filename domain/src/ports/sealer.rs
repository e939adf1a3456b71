//! The port for secrets that must be read again, and that a store must not be able to read.

use thiserror::Error;
use zeroize::Zeroizing;

use crate::ports::{Cause, EntropyError};

/// Seals secrets under a key that is kept elsewhere than they are (authenticated encryption).
///
/// # Contract
/// - The same secret is sealed differently each time.
/// - What was changed, cut, sealed under an unknown key or for another context does not open.
/// - What was sealed under a former key opens for as long as that key is known.
pub trait Sealer: Send + Sync {
    /// Seals a secret for a context, such as the id of its owner, which must be given again to open it.
    ///
    /// # Errors
    /// [`EntropyError`]; there is no fallback.
    fn seal(&self, secret: &[u8], context: &[u8]) -> Result<Vec<u8>, EntropyError>;

    /// Opens what was sealed.
    ///
    /// # Errors
    /// [`UnsealError`], whatever the reason.
    fn open(&self, sealed: &[u8], context: &[u8]) -> Result<Zeroizing<Vec<u8>>, UnsealError>;
}

/// It was not sealed under a key that is known, or not for this context, or it was changed.
#[derive(Debug, Error)]
#[error("a sealed secret cannot be opened")]
pub struct UnsealError(#[source] pub Option<Cause>);
