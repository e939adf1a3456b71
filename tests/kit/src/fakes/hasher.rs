//! A fast password hasher, for tests only: its hashes are cheap to guess.
//!
//! It keeps the promises of its port, and can be set to be busy or to treat hashes as outdated.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use kunci_domain::ports::{HashError, PasswordHasher, Verdict};
use kunci_domain::{Password, PasswordHash};
use sha2::{Digest, Sha256};

/// A [`PasswordHasher`] that takes microseconds: one salted SHA-256.
///
/// - Salts count up from zero, so a test sees the same hashes on every run.
/// - Hashes of another *generation* verify as [`Verdict::MatchOutdated`].
/// - Calls are counted, so a test can compare the cost of two code paths.
///
/// ```
/// use kunci_domain::{Password, ports::{PasswordHasher, Verdict}};
/// use kunci_testkit::fakes::FastHasher;
///
/// let password = Password::presented("correct horse".to_owned());
/// let hash = FastHasher::new().hash(&password)?;
///
/// let stronger = FastHasher::of_generation(2);
/// assert_eq!(stronger.verify(&password, &hash)?, Verdict::MatchOutdated);
/// assert_eq!(stronger.verifications(), 1);
/// # Ok::<(), kunci_domain::ports::HashError>(())
/// ```
#[derive(Debug)]
pub struct FastHasher {
    generation: u32,
    decoy: PasswordHash,
    busy: AtomicBool,
    hashes: AtomicU64,
    verifications: AtomicU64,
}

impl FastHasher {
    /// Returns a hasher of the first generation.
    #[must_use]
    pub fn new() -> Self {
        Self::of_generation(1)
    }

    /// Returns a hasher that treats the hashes of every other generation as outdated.
    #[must_use]
    pub fn of_generation(generation: u32) -> Self {
        Self {
            generation,
            decoy: PasswordHash::from_stored(text(generation, 0, &decoy_tag())),
            busy: AtomicBool::new(false),
            hashes: AtomicU64::new(0),
            verifications: AtomicU64::new(0),
        }
    }

    /// Sets whether all further calls return [`HashError::Busy`].
    pub fn set_busy(&self, busy: bool) {
        self.busy.store(busy, Ordering::SeqCst);
    }

    /// Returns the number of passwords that were hashed for storage.
    #[must_use]
    pub fn hashes(&self) -> u64 {
        self.hashes.load(Ordering::SeqCst)
    }

    /// Returns the number of verifications, including those against the decoy and unreadable hashes.
    #[must_use]
    pub fn verifications(&self) -> u64 {
        self.verifications.load(Ordering::SeqCst)
    }

    /// Increments a counter and returns its previous value.
    ///
    /// # Errors
    /// Returns [`HashError::Busy`] if the hasher is set to be busy.
    fn count(&self, counter: &AtomicU64) -> Result<u64, HashError> {
        if self.busy.load(Ordering::SeqCst) {
            return Err(HashError::Busy);
        }
        Ok(counter.fetch_add(1, Ordering::SeqCst))
    }
}

impl Default for FastHasher {
    fn default() -> Self {
        Self::new()
    }
}

impl PasswordHasher for FastHasher {
    fn hash(&self, password: &Password) -> Result<PasswordHash, HashError> {
        let salt = self.count(&self.hashes)?;
        let tag = tag(self.generation, salt, password);
        Ok(PasswordHash::from_stored(text(self.generation, salt, &tag)))
    }

    fn verify(&self, password: &Password, hash: &PasswordHash) -> Result<Verdict, HashError> {
        self.count(&self.verifications)?;
        let stored = Stored::parse(hash.expose()).ok_or(HashError::Unreadable)?;
        Ok(
            match stored.tag == tag(stored.generation, stored.salt, password) {
                true if stored.generation == self.generation => Verdict::Match,
                true => Verdict::MatchOutdated,
                false => Verdict::Mismatch,
            },
        )
    }

    fn decoy(&self) -> &PasswordHash {
        &self.decoy
    }

    fn decoy_like(&self, stored: &PasswordHash) -> PasswordHash {
        Stored::parse(stored.expose()).map_or_else(
            || self.decoy.clone(),
            |stored| PasswordHash::from_stored(text(stored.generation, stored.salt, &decoy_tag())),
        )
    }
}

struct Stored<'t> {
    generation: u32,
    salt: u64,
    tag: &'t str,
}

impl<'t> Stored<'t> {
    fn parse(stored: &'t str) -> Option<Self> {
        let mut fields = stored.strip_prefix("$fast$g=")?.split('$');
        let generation = fields.next()?.parse().ok()?;
        let salt = u64::from_str_radix(fields.next()?, 16).ok()?;
        let tag = fields.next()?;
        // A hash has one spelling, so writing it again reveals what the parsers above tolerate.
        let digits = |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let well_formed = tag.len() == 64 && tag.bytes().all(digits);
        (well_formed && stored == text(generation, salt, tag)).then_some(Self {
            generation,
            salt,
            tag,
        })
    }
}

fn text(generation: u32, salt: u64, tag: &str) -> String {
    format!("$fast$g={generation}${salt:016x}${tag}")
}

fn tag(generation: u32, salt: u64, password: &Password) -> String {
    let salted = Sha256::new_with_prefix(b"password")
        .chain_update(generation.to_le_bytes())
        .chain_update(salt.to_le_bytes());
    hex(&salted.chain_update(password.expose()).finalize())
}

/// Returns the tag of no password, because the hash of a password has another prefix.
fn decoy_tag() -> String {
    hex(&Sha256::digest(b"decoy"))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
