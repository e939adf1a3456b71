//! Entropy from the operating system.
//!
//! [`RandEntropy`] takes every byte from the system's generator. A generator that is seeded once would be
//! faster, but its state would need protection, reseeding and care after a fork. Kunci needs only a few dozen
//! bytes per sign-in.

use kunci_domain::ports::{Entropy, EntropyError};
use rand::TryRng;
use rand::rngs::SysRng;

/// The generator of the operating system, such as `getrandom(2)` on Linux.
///
/// It is suitable for secrets (OWASP ASVS 5.0, 11.5.1). It has no state, so it may be copied and used from
/// any thread. If the system's generator fails, `fill` returns an error: there is no fallback (11.5.2).
///
/// ```
/// use kunci_domain::ports::Entropy;
/// use kunci_crypto::RandEntropy;
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
