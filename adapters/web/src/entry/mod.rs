//! Signing up, signing in and signing out.

pub(crate) mod after_sign_in;
pub(crate) mod enter_code;
pub(crate) mod link;
pub(crate) mod reset;
pub(crate) mod sign_in;
pub(crate) mod sign_out;
pub(crate) mod sign_up;
