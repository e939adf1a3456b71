//! The second factor: codes that change with time (TOTP, RFC 6238), and recovery codes for its loss.
//!
//! Codes are six digits of HMAC-SHA-1 and change every 30 seconds, because that is what every
//! authenticator knows; a code is checked by the server's clock alone and spent once.
//! Left out: how a seed is sealed before a store sees it, which is the affair of a `Sealer`.

use std::fmt;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use totp_rs::{Algorithm, Builder, Secret, Totp};
use zeroize::{ZeroizeOnDrop, Zeroizing};

use crate::ports::{Entropy, EntropyError};
use crate::time::Timestamp;

/// The base 32 alphabet of RFC 4648, in lower case.
const BASE_32: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// The secret that an authenticator and the server share: 160 random bits (RFC 4226, section 4, R6).
///
/// It has a redacted `Debug`, no `Display`, no serialisation, and is wiped when dropped.
#[derive(Clone, ZeroizeOnDrop)]
pub struct TotpSeed([u8; Self::LEN]);

impl TotpSeed {
    /// Length in bytes.
    pub const LEN: usize = 20;
    /// How long a code lives, in seconds.
    pub const STEP_SECONDS: u64 = 30;

    /// A new seed.
    ///
    /// # Errors
    /// When the source of randomness fails; there is no fallback.
    pub fn generate(entropy: &dyn Entropy) -> Result<Self, EntropyError> {
        let mut bytes = [0; Self::LEN];
        entropy.fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// A seed that was opened again; `None` when the length is another.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The secret itself, for a sealer.
    #[must_use]
    pub const fn expose(&self) -> &[u8; Self::LEN] {
        &self.0
    }

    /// The secret as people type it into an authenticator, in base 32.
    #[must_use]
    pub fn expose_text(&self) -> Zeroizing<String> {
        Zeroizing::new(Secret::new_stack(self.0).to_base32())
    }

    /// The code of a step: six digits out of an HMAC over its number (RFC 4226, section 5.3).
    #[must_use]
    pub fn code(&self, step: TotpStep) -> Zeroizing<String> {
        let step = u64::try_from(step.0).unwrap_or(0);
        let token = self.totp().generate(step.saturating_mul(Self::STEP_SECONDS));
        Zeroizing::new(token.to_string())
    }

    /// Returns the generator of this seed's codes. It needs no further check: RFC 4226 allows this seed length
    /// and this number of digits.
    fn totp(&self) -> Totp {
        Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_digits(6)
            .with_step_duration(Self::STEP_SECONDS)
            .with_secret(Secret::new_stack(self.0))
            .build_noncompliant()
    }

    /// The step to which a code belongs, whatever its spaces: the one of `now` or the one before, so that a
    /// code typed in at its very end still works (RFC 6238, section 5.2). None when it is of neither.
    #[must_use]
    pub fn step_of(&self, code: &str, now: Timestamp) -> Option<TotpStep> {
        let digits: Zeroizing<String> = Zeroizing::new(code.split_whitespace().collect());
        let current = TotpStep::at(now);
        [current, TotpStep(current.0 - 1)]
            .into_iter()
            .find(|step| bool::from(self.code(*step).as_bytes().ct_eq(digits.as_bytes())))
    }
}

impl fmt::Debug for TotpSeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpSeed(..)")
    }
}

/// A number that counts the half minutes since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TotpStep(i64);

impl TotpStep {
    /// The step at a time.
    #[must_use]
    pub fn at(now: Timestamp) -> Self {
        const STEP_MILLIS: i64 = 30_000;
        Self(now.unix_millis().div_euclid(STEP_MILLIS))
    }

    /// A step that a store kept.
    #[must_use]
    pub const fn from_stored(count: i64) -> Self {
        Self(count)
    }

    /// The count that a store keeps.
    #[must_use]
    pub const fn as_i64(self) -> i64 {
        self.0
    }
}

/// A code that stands in for the authenticator once: 130 random bits as 26 letters and digits of base 32
/// (OWASP ASVS 5.0, 6.5.2 and 11.5.1).
#[derive(Clone, ZeroizeOnDrop)]
pub struct RecoveryCode([u8; Self::CHARS]);

impl RecoveryCode {
    /// How many letters and digits a code has.
    pub const CHARS: usize = 26;
    /// How many codes there are at a time.
    pub const COUNT: usize = 10;

    /// A new code.
    ///
    /// # Errors
    /// When the source of randomness fails; there is no fallback.
    pub fn generate(entropy: &dyn Entropy) -> Result<Self, EntropyError> {
        let mut bytes = [0; Self::CHARS];
        entropy.fill(&mut bytes)?;
        // Five bits of each byte: every letter is equally likely.
        Ok(Self(bytes.map(|byte| BASE_32[usize::from(byte & 31)])))
    }

    /// Reads a code as somebody hands it in, whatever its case, spaces and hyphens; `None` when it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut code = [0; Self::CHARS];
        let mut letters = text.bytes().filter(|byte| !matches!(byte, b' ' | b'-'));
        for place in &mut code {
            *place = letters.next()?.to_ascii_lowercase();
        }
        let whole = letters.next().is_none() && code.iter().all(|byte| BASE_32.contains(byte));
        whole.then_some(Self(code))
    }

    /// The code as it is shown, in groups that are easy to copy.
    #[must_use]
    pub fn expose_text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(Self::CHARS * 2));
        for (at, byte) in self.0.iter().enumerate() {
            if matches!(at, 6 | 11 | 16 | 21) {
                text.push('-');
            }
            text.push(char::from(*byte));
        }
        text
    }

    /// What is kept of it.
    #[must_use]
    pub fn digest(&self) -> RecoveryDigest {
        RecoveryDigest(Sha256::digest(self.0).into())
    }
}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCode(..)")
    }
}

/// The SHA-256 digest of a [`RecoveryCode`], which has too many bits to be searched for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RecoveryDigest([u8; Self::LEN]);

impl RecoveryDigest {
    /// Length in bytes.
    pub const LEN: usize = 32;

    /// A digest that a store kept.
    #[must_use]
    pub const fn from_stored(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }

    /// The bytes that a store keeps.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }
}

impl fmt::Debug for RecoveryDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryDigest(..)")
    }
}

/// A seed as a store sees it: sealed under the server's key and bound to its user.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedSeed(Vec<u8>);

impl SealedSeed {
    /// A seed that a sealer sealed or a store kept.
    #[must_use]
    pub const fn from_stored(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The bytes that a store keeps.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for SealedSeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealedSeed(..)")
    }
}

/// The second factor of an account, as a store keeps it with the user.
///
/// Every combination of fields is valid, hence they are public.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecondFactor {
    /// The sealed seed.
    pub seed: SealedSeed,
    /// The latest step whose code was spent: it and all before it are void (RFC 6238, section 5.2).
    pub last_step: TotpStep,
    /// Digests of the recovery codes that are left.
    pub recovery: Vec<RecoveryDigest>,
    /// When it was set up.
    pub since: Timestamp,
}

impl SecondFactor {
    /// The same with a step spent; `None` when that step, or a later one, was spent before.
    #[must_use]
    pub fn spend_step(&self, step: TotpStep) -> Option<Self> {
        (self.last_step < step).then(|| Self {
            last_step: step,
            ..self.clone()
        })
    }

    /// The same without a recovery code; `None` when it has none such.
    #[must_use]
    pub fn spend_recovery(&self, code: &RecoveryCode) -> Option<Self> {
        let digest = code.digest();
        let at = self.recovery.iter().position(|kept| *kept == digest)?;
        let mut left = self.clone();
        left.recovery.remove(at);
        Some(left)
    }
}
