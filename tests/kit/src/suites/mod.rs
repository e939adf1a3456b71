//! One suite per port: small functions, one per promise, and a macro that makes a test of each.

pub mod audit_log;
pub mod mailer;
pub mod password_hasher;
mod promises;
pub mod sealer;
pub mod session_store;
pub mod throttle;
pub mod token_store;
pub mod user_store;
