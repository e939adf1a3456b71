//! Routes that need no account.

mod assets;
mod health;
mod home;

use crate::kit::Endpoint;

/// The routes of this area.
pub(crate) const ROUTES: &[&[Endpoint]] = &[home::ROUTES, assets::ROUTES, health::ROUTES];
