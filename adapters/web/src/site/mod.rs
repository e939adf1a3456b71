//! Routes that need no account.

pub(crate) mod assets;
pub(crate) mod health;
pub(crate) mod home;
