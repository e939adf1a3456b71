//! Kunci's own routes. Each area lists its handlers.

use crate::kit::routes::Route;
use crate::{account, admin, api, entry, site};

/// Returns all of Kunci's own routes.
pub(crate) fn routes() -> Vec<Route> {
    let areas = [
        api::ROUTES,
        entry::ROUTES,
        account::ROUTES,
        admin::ROUTES,
        site::ROUTES,
    ];
    let endpoints = areas.into_iter().flatten().copied().flatten();
    endpoints.map(|endpoint| endpoint.route()).collect()
}
