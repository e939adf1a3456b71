//! Password hashing with Argon2id (RFC 9106).
//!
//! [`Argon2Hasher`] is a `PasswordHasher` with bounds: so many hashes at a time, each in memory that is
//! kept from one hash to the next, so many callers that wait, and everybody else is told so at once.
//! Hashing runs on threads of its own at low priority, so that a flood of sign-ins slows down sign-ins.
//!
//! Left out: other schemes than `argon2id`, a pepper, and which costs are good enough: the settings see to that.

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

/// Locks, whoever panicked meanwhile: no code of this crate can panic between two steps that belong together.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
