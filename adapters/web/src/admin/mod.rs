//! Pages and API routes for administrators.

pub(crate) mod invitations;
