//! The cryptographic ports that need no configuration of their own: randomness and sealed secrets. Also keys
//! that are derived from a secret.

mod derived_key;
mod entropy;
mod sealer;

pub use derived_key::{SecretError, derive_key};
pub use entropy::RandEntropy;
pub use sealer::XChaChaSealer;
