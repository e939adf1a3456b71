//! Routes that only the API has.

mod session;
mod session_data;

use crate::kit::Endpoint;

/// The routes of this area.
pub(crate) const ROUTES: &[&[Endpoint]] = &[session::ROUTES, session_data::ROUTES];
