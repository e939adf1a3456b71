//! Reproducible entropy and failing entropy, for tests only.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use kunci_domain::ports::{Entropy, EntropyError};

/// An [`Entropy`] that returns the same bytes in the same order for the same seed.
///
/// - Consecutive answers differ, as far as 64 bits of state allow.
/// - Different seeds give different bytes.
/// - Answers can be scripted, for example to force a collision.
///
/// ```
/// use kunci_domain::{SessionToken, ports::Entropy};
/// use kunci_testkit::fakes::SeededEntropy;
///
/// let entropy = SeededEntropy::new(1);
/// entropy.script([7; 32]);
/// entropy.script([7; 32]);
/// entropy.fill(&mut [0; 16])?; // A request of another length leaves the script unchanged.
/// assert_eq!(SessionToken::generate(&entropy)?, SessionToken::generate(&entropy)?);
/// assert_ne!(SessionToken::generate(&entropy)?, SessionToken::generate(&entropy)?);
/// # Ok::<(), kunci_domain::ports::EntropyError>(())
/// ```
pub struct SeededEntropy {
    state: Mutex<State>,
}

struct State {
    script: VecDeque<Vec<u8>>,
    counter: u64,
}

impl SeededEntropy {
    /// Returns the stream that belongs to `seed`.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self {
            state: Mutex::new(State {
                script: VecDeque::new(),
                counter: seed,
            }),
        }
    }

    /// Answers the next request for exactly this many bytes with `bytes`.
    ///
    /// Answers of equal length are used in the order of scripting. Requests of other lengths are
    /// answered from the stream.
    pub fn script(&self, bytes: impl Into<Vec<u8>>) {
        self.lock().script.push_back(bytes.into());
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic of another thread cannot leave the state half written.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        let mut state = self.lock();
        let scripted = state.script.iter().position(|it| it.len() == bytes.len());
        match scripted.and_then(|position| state.script.remove(position)) {
            Some(scripted) => bytes.copy_from_slice(&scripted),
            None => state.stream(bytes),
        }
        Ok(())
    }
}

impl State {
    fn stream(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let word = self.next_word().to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
    }

    /// Returns the next word of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number
    /// generators", 2014).
    ///
    /// It is a bijection of the counter, so no word repeats within 2^64 steps.
    const fn next_word(&mut self) -> u64 {
        self.counter = self.counter.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let word = self.counter;
        let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }
}

impl fmt::Debug for SeededEntropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SeededEntropy").finish_non_exhaustive()
    }
}

/// An [`Entropy`] that always fails.
#[derive(Debug, Clone, Copy, Default)]
pub struct BrokenEntropy;

impl Entropy for BrokenEntropy {
    fn fill(&self, _bytes: &mut [u8]) -> Result<(), EntropyError> {
        Err(EntropyError("this entropy always fails".into()))
    }
}
