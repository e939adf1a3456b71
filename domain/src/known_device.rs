//! Known devices: an attacker's guesses never lock the owner out on a device that has signed in before.
//!
//! After a successful sign-in, a device receives a proof to present later (OWASP, "Device Cookies"). The
//! proof does not authenticate; it only lets the device use the budget that all known devices of the account
//! share. It is valid in one epoch of the account. The web adapter decides how the proof travels.

use crate::byte_types::{random_bytes, redact};
use crate::user::{Epoch, UserId};

/// The id of one device of one user: 128 random bits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct DeviceId([u8; Self::LEN]);

impl DeviceId {
    /// Restores an id that a client presented.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }

    /// Returns the bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }
}

random_bytes!(DeviceId: 16 bytes);
redact!(DeviceId);

/// The proofs that a client presents of earlier sign-ins.
pub trait KnownDevices {
    /// Returns whether the client proves that `user` has signed in on this device in this epoch.
    fn knows(&self, user: UserId, epoch: Epoch) -> bool;
}

/// A client without known devices.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoKnownDevices;

impl KnownDevices for NoKnownDevices {
    fn knows(&self, _: UserId, _: Epoch) -> bool {
        false
    }
}
