//! Stores in memory: for tests, for trials, and as the reference implementation of the ports.
//!
//! Each store is one lock around plain maps, the simplest code that keeps the promises. If another store
//! behaves differently, either that store or the documentation of the port is wrong.
//!
//! All data is lost when the process ends, and two processes share nothing.

mod accounts;
mod error;
mod sessions;
mod throttle;

pub use accounts::MemoryAccountStore;
pub use sessions::MemorySessionStore;
pub use throttle::MemoryThrottle;
