//! Signing up, signing in and signing out.

pub(crate) mod after_sign_in;
mod enter_code;
mod link;
mod reset;
mod sign_in;
pub(crate) mod sign_out;
mod sign_up;

use crate::kit::Endpoint;

/// The routes of this area.
pub(crate) const ROUTES: &[&[Endpoint]] = &[
    sign_in::ROUTES,
    enter_code::ROUTES,
    sign_up::ROUTES,
    reset::ROUTES,
    link::ROUTES,
    sign_out::ROUTES,
];
