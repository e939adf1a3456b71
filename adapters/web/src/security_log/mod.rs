//! The security log: a line for each event of an account, each act of a client, and each refusal.
//!
//! Accounts appear by id. A name that a client sent is never logged, because it may be a password that was
//! typed into the wrong field (OWASP Logging Cheat Sheet). The span of the request holds its id, the client
//! address and the route.

mod account_store;
mod lines;
mod marks;
mod outcome_log;
mod sampler;

pub use account_store::LoggedAccountStore;
pub use lines::SECURITY_LOG;
pub(crate) use lines::log_acts;
pub(crate) use marks::{Failure, Refusal};
pub(crate) use outcome_log::OutcomeLog;
