//! The text in which a hash is stored: the PHC string format, read strictly.
//!
//! One scheme is known, `argon2id`. Left out: what any other scheme needs, and computing anything.

use argon2::password_hash::phc::{self, Output, ParamsString, PasswordHash, Salt};
use argon2::{ARGON2ID_IDENT, Algorithm, Argon2, Block, Version};
use zeroize::Zeroizing;

use crate::cost::Cost;

/// Everything that decides how a tag is computed, besides the password and the salt.
/// Two hashes of one recipe are equally good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Recipe {
    pub(crate) version: Version,
    pub(crate) cost: Cost,
    salt_len: usize,
    tag_len: usize,
}

impl Recipe {
    /// The salt that RFC 9106, section 3.1 recommends, in bytes.
    pub(crate) const SALT_LEN: usize = 16;
    /// 256 bits, in bytes: twice what OWASP ASVS 5.0, 11.2.3 asks for.
    pub(crate) const TAG_LEN: usize = 32;

    /// How hashes are made today, at a cost.
    pub(crate) const fn of_today(cost: Cost) -> Self {
        Self {
            version: Version::V0x13,
            cost,
            salt_len: Self::SALT_LEN,
            tag_len: Self::TAG_LEN,
        }
    }

    /// How many blocks of 1 KiB it takes.
    pub(crate) fn blocks(&self) -> argon2::Result<usize> {
        Ok(self.cost.params()?.block_count())
    }

    /// Computes the tag of a password. Whatever the blocks hold is overwritten.
    pub(crate) fn tag(&self, password: &[u8], salt: &[u8], blocks: &mut [Block]) -> argon2::Result<Tag> {
        let argon2 = Argon2::new(Algorithm::Argon2id, self.version, self.cost.params()?);
        let mut tag = Zeroizing::new(vec![0; self.tag_len]);
        argon2.hash_password_into_with_memory(password, salt, &mut tag, blocks)?;
        Ok(tag)
    }
}

/// What Argon2 makes of a password.
pub(crate) type Tag = Zeroizing<Vec<u8>>;

/// A hash as it is stored.
pub(crate) struct Stored {
    pub(crate) recipe: Recipe,
    pub(crate) salt: Salt,
    pub(crate) tag: Output,
}

impl Stored {
    /// A hash that is to be stored.
    pub(crate) fn new(recipe: Recipe, salt: Salt, tag: &[u8]) -> phc::Result<Self> {
        Ok(Self {
            recipe,
            salt,
            tag: Output::new(tag)?,
        })
    }

    /// Reads a hash; `None` unless it is of this scheme, complete, in the one way to write it
    /// (see the PHC string format), and at a cost that may be borne.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let read = PasswordHash::new(text).ok()?;
        let cost = cost(&read.params)?;
        let (salt, tag) = (read.salt?, read.hash?);
        let recipe = Recipe {
            version: version(read.version)?,
            cost,
            salt_len: salt.len(),
            tag_len: tag.len(),
        };
        let readable = read.algorithm == ARGON2ID_IDENT && cost.is_bearable() && cost.params().is_ok();
        readable.then_some(Self { recipe, salt, tag })
    }

    /// Writes the hash.
    pub(crate) fn text(&self) -> String {
        let Recipe { version, cost, .. } = self.recipe;
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

/// A string without a version is of version 1.0, which did not write one.
fn version(written: Option<u32>) -> Option<Version> {
    written.map_or(Some(Version::V0x10), |number| Version::try_from(number).ok())
}

/// Exactly `m`, `t` and `p`, in this order: a key id or associated data would be part of what is hashed,
/// and a number that stands there twice has no meaning.
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
