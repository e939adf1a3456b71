//! Pages and API routes for administrators.

mod invitations;

use crate::kit::Endpoint;

/// The routes of this area.
pub(crate) const ROUTES: &[&[Endpoint]] = &[invitations::ROUTES];
