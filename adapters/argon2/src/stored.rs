//! The PHC string format of stored hashes, parsed strictly. `argon2id` is the only scheme.

use argon2::password_hash::phc::{self, Output, ParamsString, PasswordHash, Salt};
use argon2::{ARGON2ID_IDENT, Algorithm, Argon2, Block, Version};
use zeroize::Zeroizing;

use crate::cost::Cost;

/// Everything that determines a tag, except the password and the salt. Two hashes with the same parameters
/// are equally strong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Parameters {
    pub(crate) version: Version,
    pub(crate) cost: Cost,
    salt_len: usize,
    tag_len: usize,
}

impl Parameters {
    /// The length of salts in bytes, as RFC 9106, section 3.1 recommends.
    pub(crate) const SALT_LEN: usize = 16;
    /// The length of tags in bytes: 256 bits, twice the minimum of OWASP ASVS 5.0, 11.2.3.
    pub(crate) const TAG_LEN: usize = 32;

    /// Returns the parameters of new hashes at a cost.
    pub(crate) const fn current(cost: Cost) -> Self {
        Self {
            version: Version::V0x13,
            cost,
            salt_len: Self::SALT_LEN,
            tag_len: Self::TAG_LEN,
        }
    }

    /// Returns the number of blocks of 1 KiB that a hash needs.
    pub(crate) fn blocks(&self) -> argon2::Result<usize> {
        Ok(self.cost.params()?.block_count())
    }

    /// Computes the tag of a password, and overwrites the blocks.
    pub(crate) fn tag(&self, password: &[u8], salt: &[u8], blocks: &mut [Block]) -> argon2::Result<Tag> {
        let argon2 = Argon2::new(Algorithm::Argon2id, self.version, self.cost.params()?);
        let mut tag = Zeroizing::new(vec![0; self.tag_len]);
        argon2.hash_password_into_with_memory(password, salt, &mut tag, blocks)?;
        Ok(tag)
    }
}

/// The output of Argon2 for a password.
pub(crate) type Tag = Zeroizing<Vec<u8>>;

/// A hash as stored.
pub(crate) struct Stored {
    pub(crate) parameters: Parameters,
    pub(crate) salt: Salt,
    pub(crate) tag: Output,
}

impl Stored {
    /// Creates a hash from its parts.
    pub(crate) fn new(parameters: Parameters, salt: Salt, tag: &[u8]) -> phc::Result<Self> {
        Ok(Self {
            parameters,
            salt,
            tag: Output::new(tag)?,
        })
    }

    /// Parses a hash. Returns `None` unless it has this scheme, is complete and in the canonical PHC form,
    /// and its cost is within the limits.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let read = PasswordHash::new(text).ok()?;
        let cost = cost(&read.params)?;
        let (salt, tag) = (read.salt?, read.hash?);
        let parameters = Parameters {
            version: version(read.version)?,
            cost,
            salt_len: salt.len(),
            tag_len: tag.len(),
        };
        let readable = read.algorithm == ARGON2ID_IDENT && cost.is_within_limits() && cost.params().is_ok();
        readable.then_some(Self {
            parameters,
            salt,
            tag,
        })
    }

    /// Returns a hash that costs the same, and that no password is known to match: the tag is inverted.
    pub(crate) fn into_decoy(self) -> Option<Self> {
        let tag: Vec<u8> = self.tag.as_bytes().iter().map(|byte| !byte).collect();
        Self::new(self.parameters, self.salt, &tag).ok()
    }

    /// Formats the hash as a PHC string.
    pub(crate) fn text(&self) -> String {
        let Parameters { version, cost, .. } = self.parameters;
        format!(
            "${ARGON2ID_IDENT}$v={}$m={},t={},p={}${}${}",
            u32::from(version),
            cost.memory_kib,
            cost.iterations,
            cost.parallelism,
            self.salt,
            self.tag,
        )
    }
}

/// Parses the version. Strings without a version have version 1.0, which did not write one.
fn version(written: Option<u32>) -> Option<Version> {
    written.map_or(Some(Version::V0x10), |number| Version::try_from(number).ok())
}

/// Parses exactly `m`, `t` and `p`, in this order. A key id or associated data would be part of the hashed
/// input, and a repeated parameter is ambiguous.
fn cost(params: &ParamsString) -> Option<Cost> {
    let mut pairs = params.iter();
    let mut number = |name: &str| {
        let (found, value) = pairs.next()?;
        (found.as_str() == name).then(|| value.decimal().ok())?
    };
    let cost = Cost {
        memory_kib: number("m")?,
        iterations: number("t")?,
        parallelism: number("p")?,
    };
    pairs.next().is_none().then_some(cost)
}
