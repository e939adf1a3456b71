//! Sessions and accounts in great numbers, and the cookies that belong to them.
//!
//! Everything is written through Kunci's own stores. Left out: what is measured with it.

pub mod cookies;
pub mod records;

/// What a `main` gives back.
pub type Outcome<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// The password of every account that is made here.
pub const PASSWORD: &str = "correct horse battery staple";
