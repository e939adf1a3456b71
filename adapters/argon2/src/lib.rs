//! Password hashing with Argon2id (RFC 9106).
//!
//! [`Argon2Hasher`] is a `PasswordHasher` with limits on concurrent hashes, memory and waiting callers.
//! Callers beyond these limits get an error at once. Hashing runs on threads of its own at low priority, so a
//! flood of sign-ins only slows down sign-ins.
//!
//! `argon2id` is the only scheme, without a pepper. The settings check that a cost is high enough.

mod cost;
mod error;
mod hasher;
mod memory;
mod pool;
mod stored;

use std::sync::{Mutex, MutexGuard, PoisonError};

pub use cost::{Concurrency, Cost};
pub use error::SetUpError;
pub use hasher::Argon2Hasher;

/// Locks a mutex and ignores poisoning, because no code of this crate panics while the data is inconsistent.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
