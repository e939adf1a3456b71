//! The hasher: computes and compares hashes on the threads of the pool.

use std::fmt;
use std::sync::Arc;

use argon2::Block;
use argon2::password_hash::phc::Salt;
use kunci_domain::ports::{Cause, Entropy, HashError, PasswordHasher, Verdict};
use kunci_domain::{Password, PasswordHash};
use subtle::ConstantTimeEq;

use crate::cost::{Concurrency, Cost};
use crate::error::{SetUpError, failed, from_pool};
use crate::memory::{Memory, MemoryBudget};
use crate::pool::{IDLE_TIMEOUT, Pool};
use crate::stored::{Parameters, Stored, Tag};

/// Hashes passwords with Argon2id, version 1.3, a salt of 16 and a tag of 32 bytes, into PHC strings.
///
/// - At most `permits` hashes run at a time and at most `queue` callers wait, in order of arrival. Further
///   callers get `HashError::Busy` at once.
/// - Threads and memory exist only from the first hash until one minute after the last.
/// - On Linux, hashing threads have a "nice" value 10 above that of their callers.
/// - A stored hash with another cost, version or length verifies as `MatchOutdated`. An unreadable stored
///   hash takes as long as a hash at the current cost.
/// - Comparison takes constant time. Copies of passwords are wiped.
///
/// ```
/// use std::sync::Arc;
/// use kunci_argon2::{Argon2Hasher, Concurrency, Cost};
/// use kunci_domain::{Password, ports::{PasswordHasher, Verdict}};
/// use kunci_crypto::RandEntropy;
///
/// let hasher = Argon2Hasher::new(Cost::default(), Concurrency::default(), Arc::new(RandEntropy))?;
/// let password = Password::presented("correct horse battery staple".to_owned());
/// let hash = hasher.hash(&password)?;
/// assert!(hash.expose().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
/// assert_eq!(hasher.verify(&password, &hash)?, Verdict::Match);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Argon2Hasher {
    parameters: Parameters,
    concurrency: Concurrency,
    budget: Arc<MemoryBudget>,
    pool: Pool<Result<Tag, HashError>>,
    entropy: Arc<dyn Entropy>,
    decoy: Stored,
    decoy_text: PasswordHash,
}

impl Argon2Hasher {
    /// Creates a hasher for hashes at `cost`.
    ///
    /// # Errors
    /// Returns [`SetUpError`] if the cost or the entropy source is unusable.
    pub fn new(cost: Cost, concurrency: Concurrency, entropy: Arc<dyn Entropy>) -> Result<Self, SetUpError> {
        let parameters = Parameters::current(cost);
        let kept = parameters
            .blocks()
            .map_err(|error| SetUpError::Cost(error.into()))?;
        if !cost.is_within_limits() {
            return Err(SetUpError::TooCostly);
        }
        let decoy = decoy(parameters, &*entropy).map_err(SetUpError::Decoy)?;
        Ok(Self {
            parameters,
            concurrency,
            budget: Arc::new(MemoryBudget::new(kept, Cost::MAX_MEMORY_KIB as usize)),
            pool: Pool::new(concurrency, IDLE_TIMEOUT),
            entropy,
            decoy_text: PasswordHash::from_stored(decoy.text()),
            decoy,
        })
    }

    /// Returns the memory limit of hashing in bytes while no stored hash needs more than a new one: the
    /// memory of all permits.
    #[must_use]
    pub fn kept_memory_bytes(&self) -> u64 {
        let blocks = self.budget.kept() as u64 * self.concurrency.permits.get() as u64;
        blocks * Block::SIZE as u64
    }

    /// Returns the memory limit of hashing in bytes for any stored hashes: the memory of all permits, and
    /// [`Cost::MAX_MEMORY_KIB`] that checks of larger stored hashes share.
    #[must_use]
    pub fn peak_memory_bytes(&self) -> u64 {
        self.kept_memory_bytes() + u64::from(Cost::MAX_MEMORY_KIB) * Block::SIZE as u64
    }

    /// Computes a tag on a thread of the pool.
    fn tag(&self, parameters: Parameters, salt: Salt, password: &Password) -> Result<Tag, HashError> {
        let (password, budget) = (password.clone(), Arc::clone(&self.budget));
        let work = move |own: &mut Memory| {
            let compute = |blocks: &mut [Block]| parameters.tag(password.expose(), &salt, blocks);
            let needed = parameters.blocks().map_err(failed)?;
            let tag = budget.with(needed, own, compute).map_err(failed)?;
            tag.map_err(failed)
        };
        self.pool.run(work).map_err(from_pool)?
    }
}

impl PasswordHasher for Argon2Hasher {
    fn hash(&self, password: &Password) -> Result<PasswordHash, HashError> {
        let salt = random_salt(&*self.entropy).map_err(failed)?;
        let tag = self.tag(self.parameters, salt, password)?;
        let made = Stored::new(self.parameters, salt, &tag).map_err(failed)?;
        Ok(PasswordHash::from_stored(made.text()))
    }

    fn verify(&self, password: &Password, hash: &PasswordHash) -> Result<Verdict, HashError> {
        let stored = Stored::parse(hash.expose());
        // An unreadable hash is replaced by the decoy, so that the error takes as long as a check.
        let checked = stored.as_ref().unwrap_or(&self.decoy);
        let tag = self.tag(checked.parameters, checked.salt, password)?;
        let stored = stored.ok_or(HashError::Unreadable)?;
        let matches = bool::from(tag.ct_eq(stored.tag.as_bytes()));
        Ok(match matches {
            true if stored.parameters == self.parameters => Verdict::Match,
            true => Verdict::MatchOutdated,
            false => Verdict::Mismatch,
        })
    }

    fn decoy(&self) -> &PasswordHash {
        &self.decoy_text
    }

    fn decoy_like(&self, stored: &PasswordHash) -> PasswordHash {
        let decoy = Stored::parse(stored.expose()).and_then(|stored| stored.into_decoy());
        decoy.map_or_else(
            || self.decoy_text.clone(),
            |decoy| PasswordHash::from_stored(decoy.text()),
        )
    }
}

impl fmt::Debug for Argon2Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Argon2Hasher")
            .field("cost", &self.parameters.cost)
            .field("concurrency", &self.concurrency)
            .finish_non_exhaustive()
    }
}

fn random_salt(entropy: &dyn Entropy) -> Result<Salt, Cause> {
    let mut bytes = [0; Parameters::SALT_LEN];
    entropy.fill(&mut bytes)?;
    Ok(Salt::new(&bytes)?)
}

/// Creates a stored hash with a random tag. Finding a password for it requires breaking the digest. Because
/// nothing is hashed, a start takes neither time nor memory.
fn decoy(parameters: Parameters, entropy: &dyn Entropy) -> Result<Stored, Cause> {
    let mut tag = [0; Parameters::TAG_LEN];
    entropy.fill(&mut tag)?;
    Ok(Stored::new(parameters, random_salt(entropy)?, &tag)?)
}

#[cfg(test)]
#[path = "hasher_tests.rs"]
mod tests;
