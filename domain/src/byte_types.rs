//! Macros for secrets of random bytes and for the digests that stores keep of them.

/// Implements `Debug` without the content.
macro_rules! redact {
    ($name:ident) => {
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    };
}

/// Implements the generation of `LEN` random bytes.
macro_rules! random_bytes {
    ($name:ident: $len:literal bytes) => {
        impl $name {
            /// Length in bytes.
            pub const LEN: usize = $len;

            /// Generates a new value.
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
    };
}

/// Defines a secret of `LEN` random bytes. `Debug` is redacted, there is no `Display` and no serialisation,
/// the secret is wiped when dropped, and comparison takes constant time.
macro_rules! secret_type {
    ($(#[$doc:meta])* $name:ident: $len:literal bytes) => {
        $(#[$doc])*
        #[derive(Clone, zeroize::ZeroizeOnDrop)]
        pub struct $name([u8; Self::LEN]);

        $crate::byte_types::random_bytes!($name: $len bytes);
        $crate::byte_types::redact!($name);

        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                subtle::ConstantTimeEq::ct_eq(&self.0[..], &other.0[..]).into()
            }
        }

        impl Eq for $name {}
    };
}

/// Defines a SHA-256 digest of a secret, for a store. Its `Debug` is left to the caller.
macro_rules! digest_type {
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
        }
    };
}

/// Defines a SHA-256 digest under which a store keeps a record. `Debug` shows its public id.
macro_rules! key_type {
    ($(#[$doc:meta])* $name:ident) => {
        $crate::byte_types::digest_type! {
            $(#[$doc])*
            $name
        }

        impl $name {
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

pub(crate) use {digest_type, key_type, random_bytes, redact, secret_type};
