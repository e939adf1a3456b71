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

/// The [public id](SessionKey::public_id) of a session: the first bytes of its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionId([u8; Self::LEN]);

impl SessionId {
    const LEN: usize = 6;

    /// Parses an id, or returns `None` if the text is not one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_hexadecimal = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if text.len() != 2 * Self::LEN || !is_hexadecimal {
            return None;
        }
        let mut id = [0; Self::LEN];
        let number = u64::from_str_radix(text, 16).ok()?;
        id.copy_from_slice(&number.to_be_bytes()[8 - Self::LEN..]);
        Some(Self(id))
    }

    /// Returns the last key before all keys with this id, or `None` if there is none before.
    pub(crate) fn key_before(self) -> Option<SessionKey> {
        let mut bytes = [0; SessionKey::LEN];
        bytes[..Self::LEN].copy_from_slice(&self.0);
        let last = bytes.iter().rposition(|byte| *byte != 0)?;
        bytes[last] -= 1;
        bytes[last + 1..].fill(0xff);
        Some(SessionKey::from_stored(bytes))
    }

    /// Returns whether a key has this id.
    pub(crate) fn is_of(self, key: &SessionKey) -> bool {
        key.as_bytes().starts_with(&self.0)
    }
}
