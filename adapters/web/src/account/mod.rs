//! The pages of signed-in users and their counterparts in the API.

mod authenticator;
mod confirm;
mod delete_account;
mod devices;
mod email;
mod event_words;
mod history;
mod overview;
mod password;
mod profile;
mod recovery_codes;
mod second_factor;

use crate::kit::Endpoint;

/// The routes of this area.
pub(crate) const ROUTES: &[&[Endpoint]] = &[
    profile::ROUTES,
    overview::ROUTES,
    password::ROUTES,
    email::ROUTES,
    devices::ROUTES,
    confirm::ROUTES,
    history::ROUTES,
    delete_account::ROUTES,
    second_factor::ROUTES,
];
