//! Routes that only the API has.

pub(crate) mod session;
pub(crate) mod session_data;
