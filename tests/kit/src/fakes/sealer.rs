//! A fast sealer with reproducible output, for tests only: it does not resist attacks.
//!
//! It keeps the promises of its port with SHA-256 alone.

use std::sync::atomic::{AtomicU64, Ordering};

use kunci_domain::ports::{EntropyError, Sealer, UnsealError};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

const COUNT_LEN: usize = 8;
const TAG_LEN: usize = 32;

/// A [`Sealer`] that numbers its output instead of using entropy, so a test sees the same bytes on every run.
///
/// ```
/// use kunci_domain::ports::Sealer;
/// use kunci_testkit::fakes::FastSealer;
///
/// let sealer = FastSealer::default();
/// let sealed = sealer.seal(b"seed", b"owner")?;
/// assert!(sealer.open(&sealed, b"owner").is_ok());
/// assert!(sealer.open(&sealed, b"another owner").is_err());
/// # Ok::<(), kunci_domain::ports::EntropyError>(())
/// ```
#[derive(Debug)]
pub struct FastSealer {
    /// The current key, then the former keys.
    keys: Vec<Vec<u8>>,
    sealed: AtomicU64,
}

impl FastSealer {
    /// Returns a sealer that seals under `current` and opens under `current` and `former`.
    #[must_use]
    pub fn new(current: &[u8], former: &[&[u8]]) -> Self {
        Self {
            keys: [&[current], former]
                .concat()
                .iter()
                .map(|key| key.to_vec())
                .collect(),
            sealed: AtomicU64::new(0),
        }
    }

    /// Returns [`FastSealer::new`] as a trait object, as the suite requires.
    #[must_use]
    pub fn boxed(current: &[u8], former: &[&[u8]]) -> Box<dyn Sealer> {
        Box::new(Self::new(current, former))
    }
}

impl Default for FastSealer {
    fn default() -> Self {
        Self::new(b"a key for tests", &[])
    }
}

impl Sealer for FastSealer {
    fn seal(&self, secret: &[u8], context: &[u8]) -> Result<Vec<u8>, EntropyError> {
        let count = self.sealed.fetch_add(1, Ordering::SeqCst).to_be_bytes();
        let key = &self.keys[0];
        let tag = tag(key, count, secret, context);
        Ok([&count[..], &tag, &masked(key, count, secret)].concat())
    }

    fn open(&self, sealed: &[u8], context: &[u8]) -> Result<Zeroizing<Vec<u8>>, UnsealError> {
        let (count, rest) = sealed.split_first_chunk::<COUNT_LEN>().ok_or(UnsealError(None))?;
        let (found, text) = rest.split_first_chunk::<TAG_LEN>().ok_or(UnsealError(None))?;
        self.keys
            .iter()
            .map(|key| (key, masked(key, *count, text)))
            .find(|(key, secret)| *found == tag(key, *count, secret, context))
            .map(|(_, secret)| Zeroizing::new(secret))
            .ok_or(UnsealError(None))
    }
}

fn tag(key: &[u8], count: [u8; COUNT_LEN], secret: &[u8], context: &[u8]) -> [u8; TAG_LEN] {
    // Digests have a fixed length, so no bytes can move from one part to the next.
    [key, &count, secret, context]
        .iter()
        .fold(Sha256::new(), |all, part| all.chain_update(Sha256::digest(part)))
        .finalize()
        .into()
}

/// XORs `text` with a stream of digests. Applying it twice returns the text.
fn masked(key: &[u8], count: [u8; COUNT_LEN], text: &[u8]) -> Vec<u8> {
    let mut masked = text.to_vec();
    for (block, chunk) in (0_u64..).zip(masked.chunks_mut(TAG_LEN)) {
        let stream = Sha256::new_with_prefix(key)
            .chain_update(count)
            .chain_update(block.to_be_bytes())
            .finalize();
        chunk
            .iter_mut()
            .zip(stream)
            .for_each(|(byte, mask)| *byte ^= mask);
    }
    masked
}
