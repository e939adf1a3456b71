//! Macros for secrets of random bytes and for the digests that stores keep of them.

/// Defines a secret of `LEN` random bytes. `Debug` is redacted, there is no `Display` and no serialisation,
/// the secret is wiped when dropped, and comparison takes constant time.
macro_rules! secret_type {
    ($(#[$doc:meta])* $name:ident: $len:literal bytes) => {
        $(#[$doc])*
        #[derive(Clone, zeroize::ZeroizeOnDrop)]
        pub struct $name([u8; Self::LEN]);

        impl $name {
            /// Length in bytes.
            pub const LEN: usize = $len;

            /// Generates a secret.
            ///
            /// # Errors
            /// If the source of randomness fails; there is no fallback.
            pub fn generate(
                entropy: &dyn $crate::ports::Entropy,
            ) -> Result<Self, $crate::ports::EntropyError> {
                let mut bytes = [0; Self::LEN];
                entropy.fill(&mut bytes)?;
                Ok(Self(bytes))
            }
        }

        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                subtle::ConstantTimeEq::ct_eq(&self.0[..], &other.0[..]).into()
            }
        }

        impl Eq for $name {}

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    };
}

/// Defines a SHA-256 digest under which a store keeps a record. `Debug` shows its public id.
macro_rules! key_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; Self::LEN]);

        impl $name {
            /// Length in bytes.
            pub const LEN: usize = 32;

            /// Returns the digest of a secret.
            fn of(secret: &[u8]) -> Self {
                Self(<sha2::Sha256 as sha2::Digest>::digest(secret).into())
            }

            /// Restores a digest from a store.
            #[must_use]
            pub const fn from_stored(bytes: [u8; Self::LEN]) -> Self {
                Self(bytes)
            }

            /// Returns the bytes for a store.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; Self::LEN] {
                &self.0
            }

            /// Returns the first six bytes in hexadecimal. They distinguish records in a list or log, and do
            /// not authenticate.
            #[must_use]
            pub fn public_id(&self) -> String {
                self.0[..6].iter().map(|byte| format!("{byte:02x}")).collect()
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($name), "({}..)"), self.public_id())
            }
        }
    };
}

pub(crate) use {key_type, secret_type};
