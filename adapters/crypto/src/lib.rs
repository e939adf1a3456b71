//! The cryptographic ports that need no configuration of their own: randomness and sealed secrets.

mod entropy;
mod sealer;

pub use entropy::RandEntropy;
pub use sealer::{SecretError, XChaChaSealer};
