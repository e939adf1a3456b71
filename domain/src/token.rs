//! The secret that a client holds for its session, and the digest that a store sees.
//!
//! The web adapter decides how the secret travels: cookie name, encoding and signature.

use crate::byte_types::{key_type, secret_type};

secret_type! {
    /// The secret that authenticates the client of a session: 256 random bits (OWASP ASVS 5.0, 7.2.3 requires
    /// 128).
    SessionToken: 32 bytes
}

impl SessionToken {
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
        SessionKey::of(&self.0)
    }
}

key_type! {
    /// The SHA-256 digest of a [`SessionToken`].
    ///
    /// A fast digest suffices because its input has 256 bits of entropy. An attacker who reads a store can
    /// neither present a key as a token nor find the token by search.
    SessionKey
}
