//! The secret that assigns decoys to unknown names.

use sha2::{Digest, Sha256};

use crate::byte_types::secret_type;
use crate::user::UserId;

secret_type! {
    /// The secret that decides which account an unknown name imitates.
    ///
    /// With the same key, a name imitates the same account after a restart. Without the key, a client cannot
    /// know which account that is, and so cannot tell unknown names from known ones.
    DecoyKey: 32 bytes
}

impl DecoyKey {
    /// Takes the key from the composition root, which derives it from the server's secret.
    #[must_use]
    pub const fn new(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }

    /// Returns the numbers that the key assigns to a name.
    pub(crate) fn numbers_for(&self, name: &str) -> DecoyNumbers {
        DecoyNumbers(Sha256::new_with_prefix(self.0).chain_update(name))
    }
}

/// Numbers that look random without the key, and are the same for the same name.
pub(crate) struct DecoyNumbers(Sha256);

impl DecoyNumbers {
    /// Returns an id to start from.
    pub(crate) fn start(&self) -> UserId {
        UserId::from_stored((first_bytes(self.0.clone()) >> 1).cast_signed())
    }

    /// Returns the rank of a user for this name.
    pub(crate) fn rank(&self, user: UserId) -> u64 {
        let user = user.as_i64().to_be_bytes();
        // The digest of the name is hashed, so that its end cannot look like an id.
        first_bytes(Sha256::new_with_prefix(self.0.clone().finalize()).chain_update(user))
    }
}

fn first_bytes(digest: Sha256) -> u64 {
    let digest = digest.finalize();
    digest[..8]
        .iter()
        .fold(0, |number, byte| number << 8 | u64::from(*byte))
}
