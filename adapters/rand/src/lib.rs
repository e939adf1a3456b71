//! Entropy from the operating system.
//!
//! One type, [`RandEntropy`], asks the system's generator for every single byte. Left out is a generator
//! of our own that is seeded once: Kunci draws a few dozen bytes per sign-in, so there is nothing to gain,
//! and there would be a state to protect, to reseed, and to worry about after a fork.

use kunci_domain::ports::{Entropy, EntropyError};
use rand::TryRng;
use rand::rngs::SysRng;

/// The generator of the operating system, such as `getrandom(2)` on Linux.
///
/// It is fit for secrets (OWASP ASVS 5.0, 11.5.1) and holds no state, so that it may be copied freely
/// and used from any thread. When the system has no randomness to give, that is an error: there is no
/// fallback (11.5.2).
///
/// ```
/// use kunci_domain::ports::Entropy;
/// use kunci_rand::RandEntropy;
///
/// let mut id = [0; 16];
/// RandEntropy.fill(&mut id)?;
/// assert_ne!(id, [0; 16]);
/// # Ok::<(), kunci_domain::ports::EntropyError>(())
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct RandEntropy;

impl Entropy for RandEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        SysRng
            .try_fill_bytes(bytes)
            .map_err(|error| EntropyError(Box::new(error)))
    }
}
