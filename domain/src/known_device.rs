//! Devices from which somebody has signed in before, so that a stranger's guessing never keeps the owner out.
//!
//! A device proves it with something that it was given at a good sign-in (OWASP, "Device Cookies"). It opens
//! nothing; it only has a budget of guesses of its own.
//! Left out: how the proof travels, which is the web adapter's affair.

use std::fmt;

use crate::ports::{Entropy, EntropyError};
use crate::user::UserId;

/// Names one device of one user: 128 random bits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct DeviceId([u8; Self::LEN]);

impl DeviceId {
    /// Length in bytes.
    pub const LEN: usize = 16;

    /// A new id.
    ///
    /// # Errors
    /// When the source of randomness fails.
    pub fn generate(entropy: &dyn Entropy) -> Result<Self, EntropyError> {
        let mut bytes = [0; Self::LEN];
        entropy.fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// An id that a client brought back.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }
}

impl fmt::Debug for DeviceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceId(..)")
    }
}

/// What a client brought along to show which users have signed in on it.
pub trait KnownDevices {
    /// The device as which the client is known to a user, if it proves so.
    fn of(&self, user: UserId) -> Option<DeviceId>;
}

/// A client that brought nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Stranger;

impl KnownDevices for Stranger {
    fn of(&self, _: UserId) -> Option<DeviceId> {
        None
    }
}
