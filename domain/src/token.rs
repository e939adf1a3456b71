//! The secret that a client holds for its session, and the digest that a store sees.
//!
//! How the secret travels (cookie name, encoding, signature) is the web adapter's affair.

use std::fmt;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::ZeroizeOnDrop;

use crate::ports::{Entropy, EntropyError};

/// The secret that proves to whom a session belongs: 256 random bits (OWASP ASVS 5.0, 7.2.3 asks for 128).
///
/// It has a redacted `Debug`, no `Display`, no serialisation, and is wiped when dropped.
/// Comparison is in constant time.
#[derive(Clone, ZeroizeOnDrop)]
pub struct SessionToken([u8; Self::LEN]);

impl SessionToken {
    /// Length in bytes.
    pub const LEN: usize = 32;

    /// A new token.
    ///
    /// # Errors
    /// When the source of randomness fails; there is no fallback.
    pub fn generate(entropy: &dyn Entropy) -> Result<Self, EntropyError> {
        let mut bytes = [0; Self::LEN];
        entropy.fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// A token that a client sent back.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }

    /// The secret itself, for the adapter that hands it to the client.
    #[must_use]
    pub const fn expose(&self) -> &[u8; Self::LEN] {
        &self.0
    }

    /// The name under which stores keep the session.
    #[must_use]
    pub fn key(&self) -> SessionKey {
        SessionKey(Sha256::digest(self.0).into())
    }
}

impl PartialEq for SessionToken {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for SessionToken {}

impl fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionToken(..)")
    }
}

/// The SHA-256 digest of a [`SessionToken`].
///
/// A fast digest suffices, because its input has 256 bits of entropy: who reads a store can neither
/// present a key as a token nor search for the token behind it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionKey([u8; Self::LEN]);

impl SessionKey {
    /// Length in bytes.
    pub const LEN: usize = 32;

    /// A key that a store kept.
    #[must_use]
    pub const fn from_stored(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }

    /// The bytes that a store keeps.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }

    /// The first six bytes in hexadecimal: enough to tell sessions apart in a list or a log,
    /// useless for signing in.
    #[must_use]
    pub fn public_id(&self) -> String {
        self.0[..6].iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SessionKey({}..)", self.public_id())
    }
}
