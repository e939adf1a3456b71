//! The hasher itself: what is computed and compared. How it is scheduled and in which memory it happens
//! stands in the files beside this one.

use std::fmt;
use std::sync::Arc;

use argon2::Block;
use argon2::password_hash::phc::Salt;
use kunci_domain::ports::{Cause, Entropy, HashError, PasswordHasher, Verdict};
use kunci_domain::{Password, PasswordHash};
use subtle::ConstantTimeEq;

use crate::cost::{Concurrency, Cost};
use crate::error::{SetUpError, failed, unserved};
use crate::memory::{Allotment, Memory};
use crate::pool::{PATIENCE, Pool};
use crate::stored::{Recipe, Stored, Tag};

/// Hashes passwords with Argon2id, version 1.3, a salt of 16 and a tag of 32 bytes, into PHC strings.
///
/// - At most `permits` hashes run at a time and at most `queue` callers wait, first come first served;
///   everybody else gets `HashError::Busy` at once.
/// - Nothing is allocated and no thread runs before the first hash, nor after a minute without any.
/// - On Linux, hashing runs 10 steps of "nice" behind the threads that ask for it.
/// - A stored hash of another cost, version or length verifies, and is then `MatchOutdated`. A stored
///   hash that cannot be read costs what a check at today's cost takes.
/// - Comparison is in constant time; copies of passwords are wiped.
///
/// ```
/// use std::sync::Arc;
/// use kunci_argon2::{Argon2Hasher, Concurrency, Cost};
/// use kunci_domain::{Password, ports::{PasswordHasher, Verdict}};
/// use kunci_rand::RandEntropy;
///
/// let hasher = Argon2Hasher::new(Cost::default(), Concurrency::default(), Arc::new(RandEntropy))?;
/// let password = Password::presented("correct horse battery staple".to_owned());
/// let hash = hasher.hash(&password)?;
/// assert!(hash.expose().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
/// assert_eq!(hasher.verify(&password, &hash)?, Verdict::Match);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Argon2Hasher {
    recipe: Recipe,
    concurrency: Concurrency,
    allotment: Arc<Allotment>,
    pool: Pool<Result<Tag, HashError>>,
    entropy: Arc<dyn Entropy>,
    decoy: Stored,
    decoy_text: PasswordHash,
}

impl Argon2Hasher {
    /// A hasher that makes hashes at `cost`.
    ///
    /// # Errors
    /// Any [`SetUpError`].
    pub fn new(cost: Cost, concurrency: Concurrency, entropy: Arc<dyn Entropy>) -> Result<Self, SetUpError> {
        let recipe = Recipe::of_today(cost);
        let kept = recipe.blocks().map_err(|error| SetUpError::Cost(error.into()))?;
        if !cost.is_bearable() {
            return Err(SetUpError::TooCostly);
        }
        let decoy = decoy(recipe, &*entropy).map_err(SetUpError::Decoy)?;
        Ok(Self {
            recipe,
            concurrency,
            allotment: Arc::new(Allotment::new(kept, Cost::MAX_MEMORY_KIB as usize)),
            pool: Pool::new(concurrency, PATIENCE),
            entropy,
            decoy_text: PasswordHash::from_stored(decoy.text()),
            decoy,
        })
    }

    /// How many bytes hashing occupies at the most, as long as no stored hash demands more memory than
    /// one that is made today: what each permit keeps.
    #[must_use]
    pub fn kept_memory_bytes(&self) -> u64 {
        let blocks = self.allotment.kept() as u64 * self.concurrency.permits.get() as u64;
        blocks * Block::SIZE as u64
    }

    /// How many bytes hashing can occupy at the most, whatever is stored: what each permit keeps, and
    /// [`Cost::MAX_MEMORY_KIB`] that stored hashes of greater demands share while they are checked.
    #[must_use]
    pub fn peak_memory_bytes(&self) -> u64 {
        self.kept_memory_bytes() + u64::from(Cost::MAX_MEMORY_KIB) * Block::SIZE as u64
    }

    /// Computes a tag on a thread of the pool.
    fn tag(&self, recipe: Recipe, salt: Salt, password: &Password) -> Result<Tag, HashError> {
        let (password, allotment) = (password.clone(), Arc::clone(&self.allotment));
        let work = move |own: &mut Memory| {
            let compute = |blocks: &mut [Block]| recipe.tag(password.expose(), &salt, blocks);
            let needed = recipe.blocks().map_err(failed)?;
            let tag = allotment.with(needed, own, compute).map_err(failed)?;
            tag.map_err(failed)
        };
        self.pool.run(work).map_err(unserved)?
    }
}

impl PasswordHasher for Argon2Hasher {
    fn hash(&self, password: &Password) -> Result<PasswordHash, HashError> {
        let salt = random_salt(&*self.entropy).map_err(failed)?;
        let tag = self.tag(self.recipe, salt, password)?;
        let made = Stored::new(self.recipe, salt, &tag).map_err(failed)?;
        Ok(PasswordHash::from_stored(made.text()))
    }

    fn verify(&self, password: &Password, hash: &PasswordHash) -> Result<Verdict, HashError> {
        let stored = Stored::parse(hash.expose());
        // For want of a hash the decoy is checked, so that the refusal takes as long as an answer.
        let checked = stored.as_ref().unwrap_or(&self.decoy);
        let tag = self.tag(checked.recipe, checked.salt, password)?;
        let stored = stored.ok_or(HashError::Unreadable)?;
        let matches = bool::from(tag.ct_eq(stored.tag.as_bytes()));
        Ok(match matches {
            true if stored.recipe == self.recipe => Verdict::Match,
            true => Verdict::MatchOutdated,
            false => Verdict::Mismatch,
        })
    }

    fn decoy(&self) -> &PasswordHash {
        &self.decoy_text
    }
}

impl fmt::Debug for Argon2Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Argon2Hasher")
            .field("cost", &self.recipe.cost)
            .field("concurrency", &self.concurrency)
            .finish_non_exhaustive()
    }
}

fn random_salt(entropy: &dyn Entropy) -> Result<Salt, Cause> {
    let mut bytes = [0; Recipe::SALT_LEN];
    entropy.fill(&mut bytes)?;
    Ok(Salt::new(&bytes)?)
}

/// Random bytes where the tag belongs: to find a password with this tag is to break the digest.
/// Nothing is hashed for it, so a server that starts neither waits nor takes memory.
fn decoy(recipe: Recipe, entropy: &dyn Entropy) -> Result<Stored, Cause> {
    let mut tag = [0; Recipe::TAG_LEN];
    entropy.fill(&mut tag)?;
    Ok(Stored::new(recipe, random_salt(entropy)?, &tag)?)
}

#[cfg(test)]
#[path = "hasher_tests.rs"]
mod tests;
