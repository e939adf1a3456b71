//! Kunci's own routes, for pages and for the API.

use http::Method;

use crate::account::{
    confirm, delete_account, devices, email, history, overview, password, profile, recovery_codes,
    second_factor,
};
use crate::admin::invitations;
use crate::api::{session, session_data};
use crate::entry::{enter_code, link, reset, sign_in, sign_out, sign_up};
use crate::errors::Error;
use crate::kit::request::Request;
use crate::kit::responses::Response;
use crate::kit::routes::{Cost, Route, SessionUse};
use crate::site::{assets, health, home};

/// Returns all of Kunci's own routes.
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

/// Route in the tables below.
struct Entry {
    method: &'static Method,
    path: &'static str,
    handler: fn(&mut Request) -> Result<Response, Error>,
    /// `None` for the default of the method.
    cost: Option<Cost>,
    session_use: SessionUse,
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
            session_use: SessionUse::Loaded,
            page: path,
        }
    }

    /// Marks a route that may block because it lists many records.
    const fn may_block(self) -> Self {
        let cost = Some(Cost::MayBlock);
        Self { cost, ..self }
    }

    const fn on_page(self, page: &'static str) -> Self {
        Self { page, ..self }
    }

    const fn without_session(self) -> Self {
        let session_use = SessionUse::Ignored;
        Self { session_use, ..self }
    }

    fn route(&self) -> Route {
        let route = Route::new(self.method.clone(), self.path, self.handler);
        Route {
            cost: self.cost.unwrap_or(route.cost),
            session_use: self.session_use,
            page: Some(self.page),
            ..route
        }
    }
}

/// Routes for signing in, signing up and signing out.
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

/// Pages of the account, and the invitation pages of administrators.
const ACCOUNT_PAGES: &[Entry] = &[
    Entry::new(GET, "/profile", profile::show),
    Entry::new(GET, "/account", overview::show),
    Entry::new(GET, "/account/password", password::show),
    Entry::new(POST, "/account/password", password::submit),
    Entry::new(GET, "/account/email", email::show),
    Entry::new(POST, "/account/email", email::submit),
    Entry::new(POST, "/account/email/resend", email::resend).on_page("/account/email"),
    Entry::new(GET, "/account/sessions", devices::show).may_block(),
    Entry::new(POST, "/account/sessions/end", devices::end).on_page("/account/sessions"),
    Entry::new(POST, "/account/sessions/end_others", devices::end_others).on_page("/account/sessions"),
    Entry::new(GET, "/account/confirm", confirm::show),
    // A sign-in is a re-authentication itself, so it returns to the account instead of this form.
    Entry::new(POST, "/account/confirm", confirm::submit).on_page("/account"),
    Entry::new(GET, "/account/history", history::show).may_block(),
    Entry::new(GET, "/account/delete", delete_account::show),
    Entry::new(POST, "/account/delete", delete_account::submit),
    Entry::new(GET, "/admin/invitations", invitations::show).may_block(),
    Entry::new(POST, "/admin/invitations", invitations::submit),
    Entry::new(POST, "/admin/invitations/withdraw", invitations::withdraw).on_page("/admin/invitations"),
];

const FACTOR_PAGE: &str = "/account/second-factor";

const SECOND_FACTOR_PAGES: &[Entry] = &[
    Entry::new(GET, FACTOR_PAGE, second_factor::show),
    Entry::new(GET, "/account/second-factor/qr.svg", second_factor::show_qr).on_page(FACTOR_PAGE),
    Entry::new(POST, "/account/second-factor/begin", second_factor::begin).on_page(FACTOR_PAGE),
    Entry::new(POST, "/account/second-factor/confirm", second_factor::confirm).on_page(FACTOR_PAGE),
    Entry::new(POST, "/account/second-factor/disable", second_factor::disable).on_page(FACTOR_PAGE),
    Entry::new(POST, "/account/recovery-codes", recovery_codes::renew).on_page(FACTOR_PAGE),
];

const SESSION_API: &[Entry] = &[
    Entry::new(GET, "/api/v1/session", session::show),
    Entry::new(POST, "/api/v1/session", sign_in::submit),
    Entry::new(DELETE, "/api/v1/session", sign_out::submit),
    Entry::new(POST, "/api/v1/session/code", enter_code::submit),
    Entry::new(POST, "/api/v1/session/proof", confirm::submit),
    Entry::new(GET, "/api/v1/session/data", session_data::show_all),
    Entry::new(DELETE, "/api/v1/session/data", session_data::clear),
    Entry::new(GET, "/api/v1/session/data/{key}", session_data::show),
    Entry::new(PUT, "/api/v1/session/data/{key}", session_data::put),
    Entry::new(DELETE, "/api/v1/session/data/{key}", session_data::remove),
    Entry::new(GET, "/api/v1/sessions", devices::show).may_block(),
    Entry::new(DELETE, "/api/v1/sessions", devices::end_others),
    Entry::new(DELETE, "/api/v1/sessions/{id}", devices::end_by_path),
];

const FACTOR_API: &str = "/api/v1/account/second-factor";

const ACCOUNT_API: &[Entry] = &[
    Entry::new(POST, "/api/v1/users", sign_up::submit),
    Entry::new(GET, "/api/v1/account", overview::show),
    Entry::new(DELETE, "/api/v1/account", delete_account::submit),
    Entry::new(PUT, "/api/v1/account/password", password::submit),
    Entry::new(PUT, "/api/v1/account/email", email::submit),
    Entry::new(POST, "/api/v1/account/email/resend", email::resend),
    Entry::new(GET, FACTOR_API, second_factor::show),
    Entry::new(POST, FACTOR_API, second_factor::begin),
    Entry::new(PUT, FACTOR_API, second_factor::confirm),
    Entry::new(DELETE, FACTOR_API, second_factor::disable),
    Entry::new(POST, "/api/v1/account/recovery-codes", recovery_codes::renew),
    Entry::new(GET, "/api/v1/account/history", history::show).may_block(),
    Entry::new(POST, "/api/v1/reset", reset::submit),
    Entry::new(POST, "/api/v1/link", link::submit),
    Entry::new(GET, "/api/v1/invitations", invitations::show).may_block(),
    Entry::new(POST, "/api/v1/invitations", invitations::submit),
    Entry::new(DELETE, "/api/v1/invitations/{id}", invitations::withdraw_by_path),
];

/// Routes that need no account.
const REST: &[Entry] = &[
    Entry::new(GET, "/", home::show),
    Entry::new(GET, "/assets/{name}", assets::show).without_session(),
    Entry::new(GET, "/healthz", health::alive).without_session(),
    Entry::new(GET, "/readyz", health::ready).without_session(),
];
