//! Every store in memory: for tests, for trying things out, and as the reference of what the ports mean.
//!
//! It is the simplest code that keeps the promises: one lock around plain maps. When a backend and
//! this crate disagree, the backend is wrong or the port's words are.
//!
//! Left out: durability. All is lost with the process, and two processes share nothing.

mod error;
mod history;
mod sessions;
mod throttle;
mod tokens;
mod users;

pub use history::MemoryAuditLog;
pub use sessions::MemorySessionStore;
pub use throttle::MemoryThrottle;
pub use tokens::MemoryTokenStore;
pub use users::MemoryUserStore;
