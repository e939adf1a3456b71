//! Conformance suites, one per port: a function for each promise, and a macro that makes a test of each.
//!
//! To run a suite on a store, write a function that opens a fresh, empty store and returns it with a guard.
//! Then pass a call of that function to the suite's macro, inside a module of a test file:
//!
//! ```
//! use kunci_memory::MemorySessionStore;
//!
//! mod sessions {
//!     kunci_testkit::session_store_suite!(super::open());
//! }
//!
//! /// Returns a guard, such as a temporary folder that must outlive the store, and a fresh store.
//! fn open() -> ((), MemorySessionStore) {
//!     ((), MemorySessionStore::default())
//! }
//! ```
//!
//! Each promise becomes one test, such as `sessions::insert_of_existing_key_collides`. Hashers, sealers and
//! mailers are opened differently; their modules have an example.
//!
//! The suites do not cover failures and crashes, because each store needs its own means to cause them.

pub mod account_store;
mod concurrency;
pub mod mailer;
pub mod password_hasher;
mod promises;
pub mod sealer;
pub mod session_check;
pub mod session_store;
pub mod throttle;
