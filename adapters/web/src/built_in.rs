//! The routes that Kunci itself has, page routes and those of the API.
//!
//! What a route and the table of them are is in `routes`.

use http::Method;

use crate::errors::Error;
use crate::handlers::{
    account, api_data, api_session, assets, confirm, delete_account, devices, email, enter_code, health,
    history, home, invitations, link, password, profile, recovery_codes, reset, second_factor, sign_in,
    sign_out, sign_up,
};
use crate::request::Request;
use crate::responses::Response;
use crate::routes::{Cost, Route, Visit};

/// Every route that Kunci itself has.
pub(crate) fn routes() -> Vec<Route> {
    let sections = [
        SIGNING_IN,
        ACCOUNT_PAGES,
        SECOND_FACTOR_PAGES,
        SESSION_API,
        ACCOUNT_API,
        REST,
    ];
    sections.into_iter().flatten().map(Entry::route).collect()
}

/// A route as the tables below have it: data, as code that makes so many would be 15 kB.
struct Entry {
    method: &'static Method,
    path: &'static str,
    handler: fn(&mut Request) -> Result<Response, Error>,
    /// `None`: as is usual for the method.
    cost: Option<Cost>,
    visit: Visit,
    page: &'static str,
}

const GET: &Method = &Method::GET;
const POST: &Method = &Method::POST;
const PUT: &Method = &Method::PUT;
const DELETE: &Method = &Method::DELETE;

impl Entry {
    const fn new(
        method: &'static Method,
        path: &'static str,
        handler: fn(&mut Request) -> Result<Response, Error>,
    ) -> Self {
        Self {
            method,
            path,
            handler,
            cost: None,
            visit: Visit::Session,
            page: path,
        }
    }

    /// What lists many records may block, beside what writes or hashes.
    const fn of_many(self) -> Self {
        let cost = Some(Cost::MayBlock);
        Self { cost, ..self }
    }

    const fn of_page(self, page: &'static str) -> Self {
        Self { page, ..self }
    }

    const fn without_session(self) -> Self {
        let visit = Visit::Nobody;
        Self { visit, ..self }
    }

    fn route(&self) -> Route {
        let route = Route::new(self.method.clone(), self.path, self.handler);
        Route {
            cost: self.cost.unwrap_or(route.cost),
            visit: self.visit,
            page: Some(self.page),
            ..route
        }
    }
}

/// Getting in and out.
const SIGNING_IN: &[Entry] = &[
    Entry::new(GET, "/login", sign_in::show),
    Entry::new(POST, "/login", sign_in::submit),
    Entry::new(GET, "/login/code", enter_code::show),
    Entry::new(POST, "/login/code", enter_code::submit),
    Entry::new(GET, "/register", sign_up::show),
    Entry::new(POST, "/register", sign_up::submit),
    Entry::new(GET, "/reset", reset::show),
    Entry::new(POST, "/reset", reset::submit),
    Entry::new(GET, "/link", link::show),
    Entry::new(POST, "/link", link::submit),
    Entry::new(GET, "/logout", sign_out::show),
    Entry::new(POST, "/logout", sign_out::submit),
    Entry::new(GET, "/logout_all", sign_out::show_everywhere),
    Entry::new(POST, "/logout_all", sign_out::submit_everywhere),
];

/// Looking after one's account, and, for administrators, inviting others.
const ACCOUNT_PAGES: &[Entry] = &[
    Entry::new(GET, "/profile", profile::show),
    Entry::new(GET, "/account", account::show),
    Entry::new(GET, "/account/password", password::show),
    Entry::new(POST, "/account/password", password::submit),
    Entry::new(GET, "/account/email", email::show),
    Entry::new(POST, "/account/email", email::submit),
    Entry::new(POST, "/account/email/resend", email::resend).of_page("/account/email"),
    Entry::new(GET, "/account/sessions", devices::show).of_many(),
    Entry::new(POST, "/account/sessions/end", devices::end).of_page("/account/sessions"),
    Entry::new(POST, "/account/sessions/end_others", devices::end_others).of_page("/account/sessions"),
    Entry::new(GET, "/account/confirm", confirm::show),
    // Signing in is a proof itself, so that nothing is left to confirm.
    Entry::new(POST, "/account/confirm", confirm::submit).of_page("/account"),
    Entry::new(GET, "/account/history", history::show).of_many(),
    Entry::new(GET, "/account/delete", delete_account::show),
    Entry::new(POST, "/account/delete", delete_account::submit),
    Entry::new(GET, "/admin/invitations", invitations::show).of_many(),
    Entry::new(POST, "/admin/invitations", invitations::submit),
    Entry::new(POST, "/admin/invitations/withdraw", invitations::withdraw).of_page("/admin/invitations"),
];

const FACTOR_PAGE: &str = "/account/second-factor";

const SECOND_FACTOR_PAGES: &[Entry] = &[
    Entry::new(GET, FACTOR_PAGE, second_factor::show),
    Entry::new(GET, "/account/second-factor/qr.svg", second_factor::show_qr).of_page(FACTOR_PAGE),
    Entry::new(POST, "/account/second-factor/begin", second_factor::begin).of_page(FACTOR_PAGE),
    Entry::new(POST, "/account/second-factor/confirm", second_factor::confirm).of_page(FACTOR_PAGE),
    Entry::new(POST, "/account/second-factor/disable", second_factor::disable).of_page(FACTOR_PAGE),
    Entry::new(POST, "/account/recovery-codes", recovery_codes::renew).of_page(FACTOR_PAGE),
];

const SESSION_API: &[Entry] = &[
    Entry::new(GET, "/api/v1/session", api_session::show),
    Entry::new(POST, "/api/v1/session", sign_in::submit),
    Entry::new(DELETE, "/api/v1/session", sign_out::submit),
    Entry::new(POST, "/api/v1/session/code", enter_code::submit),
    Entry::new(POST, "/api/v1/session/proof", confirm::submit),
    Entry::new(GET, "/api/v1/session/data", api_data::show_all),
    Entry::new(DELETE, "/api/v1/session/data", api_data::clear),
    Entry::new(GET, "/api/v1/session/data/{key}", api_data::show),
    Entry::new(PUT, "/api/v1/session/data/{key}", api_data::put),
    Entry::new(DELETE, "/api/v1/session/data/{key}", api_data::remove),
    Entry::new(GET, "/api/v1/sessions", devices::show).of_many(),
    Entry::new(DELETE, "/api/v1/sessions", devices::end_others),
    Entry::new(DELETE, "/api/v1/sessions/{id}", devices::end_named),
];

const FACTOR_API: &str = "/api/v1/account/second-factor";

const ACCOUNT_API: &[Entry] = &[
    Entry::new(POST, "/api/v1/users", sign_up::submit),
    Entry::new(GET, "/api/v1/account", account::show),
    Entry::new(DELETE, "/api/v1/account", delete_account::submit),
    Entry::new(PUT, "/api/v1/account/password", password::submit),
    Entry::new(PUT, "/api/v1/account/email", email::submit),
    Entry::new(POST, "/api/v1/account/email/resend", email::resend),
    Entry::new(GET, FACTOR_API, second_factor::show),
    Entry::new(POST, FACTOR_API, second_factor::begin),
    Entry::new(PUT, FACTOR_API, second_factor::confirm),
    Entry::new(DELETE, FACTOR_API, second_factor::disable),
    Entry::new(POST, "/api/v1/account/recovery-codes", recovery_codes::renew),
    Entry::new(GET, "/api/v1/account/history", history::show).of_many(),
    Entry::new(POST, "/api/v1/reset", reset::submit),
    Entry::new(POST, "/api/v1/link", link::submit),
    Entry::new(GET, "/api/v1/invitations", invitations::show).of_many(),
    Entry::new(POST, "/api/v1/invitations", invitations::submit),
    Entry::new(DELETE, "/api/v1/invitations/{id}", invitations::withdraw_named),
];

/// What is there for everybody.
const REST: &[Entry] = &[
    Entry::new(GET, "/", home::show),
    Entry::new(GET, "/assets/{name}", assets::show).without_session(),
    Entry::new(GET, "/healthz", health::alive).without_session(),
    Entry::new(GET, "/readyz", health::ready).without_session(),
];
