//! The secret that a client holds for its session, and the digest that a store sees.
//!
//! The web adapter decides how the secret travels: cookie name, encoding and signature.

use std::fmt;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::ZeroizeOnDrop;

use crate::ports::{Entropy, EntropyError};

/// The secret that authenticates the client of a session: 256 random bits (OWASP ASVS 5.0, 7.2.3 requires
/// 128).
///
/// `Debug` is redacted, there is no `Display` and no serialisation, and the secret is wiped when dropped.
/// Comparison takes constant time.
#[derive(Clone, ZeroizeOnDrop)]
pub struct SessionToken([u8; Self::LEN]);

impl SessionToken {
    /// Length in bytes.
    pub const LEN: usize = 32;

    /// Generates a token.
    ///
    /// # Errors
    /// If the source of randomness fails; there is no fallback.
    pub fn generate(entropy: &dyn Entropy) -> Result<Self, EntropyError> {
        let mut bytes = [0; Self::LEN];
        entropy.fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// Restores a token that a client sent.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }

    /// Returns the secret, for the adapter that sends it to the client.
    #[must_use]
    pub const fn expose(&self) -> &[u8; Self::LEN] {
        &self.0
    }

    /// Returns the key under which stores keep the session.
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
/// A fast digest suffices because its input has 256 bits of entropy. An attacker who reads a store can
/// neither present a key as a token nor find the token by search.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionKey([u8; Self::LEN]);

impl SessionKey {
    /// Length in bytes.
    pub const LEN: usize = 32;

    /// Restores a key from a store.
    #[must_use]
    pub const fn from_stored(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }

    /// Returns the bytes for a store.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }

    /// Returns the first six bytes in hexadecimal. They distinguish sessions in a list or log, and do not
    /// authenticate.
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
