//! The second factor: time-based codes (TOTP, RFC 6238) and recovery codes.
//!
//! Codes have six digits, use HMAC-SHA-1 and change every 30 seconds, because every authenticator supports
//! this. Only the server's clock decides which code is valid, and each code is accepted once. A `Sealer`
//! encrypts the seed before a store sees it.

use subtle::ConstantTimeEq;
use totp_rs::{Algorithm, Builder, Secret, Totp};
use zeroize::{ZeroizeOnDrop, Zeroizing};

use crate::byte_types::{digest_type, redact, secret_type};
use crate::ports::{Entropy, EntropyError};
use crate::time::Timestamp;
use crate::typed_code::letters_and_digits;

/// The base 32 alphabet of RFC 4648, in lower case.
const BASE_32: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

secret_type! {
    /// The secret that an authenticator shares with the server: 160 random bits (RFC 4226, section 4, R6).
    TotpSeed: 20 bytes
}

impl TotpSeed {
    /// Time between two codes, in seconds.
    pub const STEP_SECONDS: u64 = 30;

    /// Restores a seed that a sealer opened; `None` if the length is wrong.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// Returns the secret, for a sealer.
    #[must_use]
    pub const fn expose(&self) -> &[u8; Self::LEN] {
        &self.0
    }

    /// Returns the secret in base 32, as users enter it into an authenticator.
    #[must_use]
    pub fn expose_text(&self) -> Zeroizing<String> {
        Zeroizing::new(Secret::new_stack(self.0).to_base32())
    }

    /// Returns the code of a step (RFC 4226, section 5.3).
    #[must_use]
    pub fn code(&self, step: TotpStep) -> Zeroizing<String> {
        let step = u64::try_from(step.0).unwrap_or(0);
        let token = self.totp().generate(step.saturating_mul(Self::STEP_SECONDS));
        Zeroizing::new(token.to_string())
    }

    /// Returns the code generator of this seed. Its checks are skipped: RFC 4226 allows this seed length and
    /// this number of digits.
    fn totp(&self) -> Totp {
        Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_digits(6)
            .with_step_duration(Self::STEP_SECONDS)
            .with_secret(Secret::new_stack(self.0))
            .build_noncompliant()
    }

    /// Returns the step of a code as a person typed or pasted it.
    ///
    /// Only the step of `now` and its neighbours are accepted. The previous one covers a code that is entered
    /// as it expires (RFC 6238, section 5.2), and the next one a phone whose clock is fast (section 6).
    #[must_use]
    pub fn step_of(&self, code: &str, now: Timestamp) -> Option<TotpStep> {
        let digits: Zeroizing<String> = Zeroizing::new(letters_and_digits(code).collect());
        let current = TotpStep::at(now).0;
        [current, current - 1, current + 1]
            .into_iter()
            .map(TotpStep)
            .find(|step| bool::from(self.code(*step).as_bytes().ct_eq(digits.as_bytes())))
    }
}

/// The number of 30-second steps since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TotpStep(i64);

impl TotpStep {
    /// Returns the step at `now`.
    #[must_use]
    pub fn at(now: Timestamp) -> Self {
        const STEP_MILLIS: i64 = 30_000;
        Self(now.unix_millis().div_euclid(STEP_MILLIS))
    }

    /// Restores a step from a store.
    #[must_use]
    pub const fn from_stored(count: i64) -> Self {
        Self(count)
    }

    /// Returns the count for a store.
    #[must_use]
    pub const fn as_i64(self) -> i64 {
        self.0
    }
}

/// A code that replaces the authenticator once: 130 random bits as 26 base 32 characters (OWASP ASVS 5.0,
/// 6.5.2 and 11.5.1).
#[derive(Clone, ZeroizeOnDrop)]
pub struct RecoveryCode([u8; Self::CHARS]);

impl RecoveryCode {
    /// Length in characters.
    pub const CHARS: usize = 26;
    /// Number of codes per account.
    pub const COUNT: usize = 10;

    /// Generates a code.
    ///
    /// # Errors
    /// If the source of randomness fails; there is no fallback.
    pub fn generate(entropy: &dyn Entropy) -> Result<Self, EntropyError> {
        let mut bytes = [0; Self::CHARS];
        entropy.fill(&mut bytes)?;
        // Five bits of each byte are used, so every character is equally likely.
        Ok(Self(bytes.map(|byte| BASE_32[usize::from(byte & 31)])))
    }

    /// Parses a code as a person typed or pasted it, ignoring case and all but letters and digits; `None` if
    /// it is not a recovery code.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut code = [0; Self::CHARS];
        let mut letters = letters_and_digits(text);
        for place in &mut code {
            *place = u8::try_from(letters.next()?).ok()?.to_ascii_lowercase();
        }
        let whole = letters.next().is_none() && code.iter().all(|byte| BASE_32.contains(byte));
        whole.then_some(Self(code))
    }

    /// Returns the code in groups that are easy to copy.
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

    /// Returns the digest for a store.
    #[must_use]
    pub fn digest(&self) -> RecoveryDigest {
        RecoveryDigest::of(&self.0)
    }
}

redact!(RecoveryCode);

digest_type! {
    /// The SHA-256 digest of a [`RecoveryCode`]. The code has too many bits to be found by search.
    RecoveryDigest
}

redact!(RecoveryDigest);

/// A seed as stored: encrypted with the server's key and bound to its user.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedSeed(Vec<u8>);

impl SealedSeed {
    /// Takes the bytes from a sealer or store.
    #[must_use]
    pub const fn from_stored(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// Returns the bytes for a store.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

redact!(SealedSeed);

/// The second factor of an account as stored.
///
/// Every combination of fields is valid, so the fields are public.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecondFactor {
    /// The sealed seed.
    pub seed: SealedSeed,
    /// The latest step whose code was used. Codes of this and earlier steps are invalid (RFC 6238, section
    /// 5.2).
    pub last_step: TotpStep,
    /// Digests of the unused recovery codes.
    pub recovery: Vec<RecoveryDigest>,
    /// When the second factor was set up.
    pub since: Timestamp,
}

impl SecondFactor {
    /// Returns the second factor with `step` spent; `None` if this step or a later one was spent already.
    #[must_use]
    pub fn spend_step(&self, step: TotpStep) -> Option<Self> {
        (self.last_step < step).then(|| Self {
            last_step: step,
            ..self.clone()
        })
    }

    /// Returns the second factor without a recovery code; `None` if it has no such code.
    #[must_use]
    pub fn spend_recovery(&self, code: &RecoveryCode) -> Option<Self> {
        let digest = code.digest();
        let at = self.recovery.iter().position(|kept| *kept == digest)?;
        let mut left = self.clone();
        left.recovery.remove(at);
        Some(left)
    }
}
