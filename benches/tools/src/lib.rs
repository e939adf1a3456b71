//! Creates many sessions and accounts through Kunci's stores, and the cookies for them.

pub mod cookies;
pub mod records;

/// The result of a `main`.
pub type Outcome<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// The password of every created account.
pub const PASSWORD: &str = "correct horse battery staple";
