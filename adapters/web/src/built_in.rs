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
use crate::routes::{Cost, Route};

/// Every route that Kunci itself has. What lists many records may block, beside what writes or hashes.
pub(crate) fn routes() -> Vec<Route> {
    [
        signing_in(),
        account_pages(),
        second_factor_pages(),
        session_api(),
        account_api(),
        rest(),
    ]
    .concat()
}

fn get(path: &'static str, handler: fn(&mut Request) -> Result<Response, Error>) -> Route {
    Route::new(Method::GET, path, handler)
}

fn post(path: &'static str, handler: fn(&mut Request) -> Result<Response, Error>) -> Route {
    Route::new(Method::POST, path, handler)
}

fn put(path: &'static str, handler: fn(&mut Request) -> Result<Response, Error>) -> Route {
    Route::new(Method::PUT, path, handler)
}

fn delete(path: &'static str, handler: fn(&mut Request) -> Result<Response, Error>) -> Route {
    Route::new(Method::DELETE, path, handler)
}

/// Getting in and out.
fn signing_in() -> Vec<Route> {
    vec![
        get("/login", sign_in::show),
        post("/login", sign_in::submit),
        get("/login/code", enter_code::show),
        post("/login/code", enter_code::submit),
        get("/register", sign_up::show),
        post("/register", sign_up::submit),
        get("/reset", reset::show),
        post("/reset", reset::submit),
        get("/link", link::show),
        post("/link", link::submit),
        get("/logout", sign_out::show),
        post("/logout", sign_out::submit),
        get("/logout_all", sign_out::show_everywhere),
        post("/logout_all", sign_out::submit_everywhere),
    ]
}

/// Looking after one's account, and, for administrators, inviting others.
fn account_pages() -> Vec<Route> {
    vec![
        get("/profile", profile::show),
        get("/account", account::show),
        get("/account/password", password::show),
        post("/account/password", password::submit),
        get("/account/email", email::show),
        post("/account/email", email::submit),
        post("/account/email/resend", email::resend).of_page("/account/email"),
        get("/account/sessions", devices::show).with_cost(Cost::MayBlock),
        post("/account/sessions/end", devices::end).of_page("/account/sessions"),
        post("/account/sessions/end_others", devices::end_others).of_page("/account/sessions"),
        get("/account/confirm", confirm::show),
        // Signing in is a proof itself, so that nothing is left to confirm.
        post("/account/confirm", confirm::submit).of_page("/account"),
        get("/account/history", history::show).with_cost(Cost::MayBlock),
        get("/account/delete", delete_account::show),
        post("/account/delete", delete_account::submit),
        get("/admin/invitations", invitations::show).with_cost(Cost::MayBlock),
        post("/admin/invitations", invitations::submit),
        post("/admin/invitations/withdraw", invitations::withdraw).of_page("/admin/invitations"),
    ]
}

fn second_factor_pages() -> Vec<Route> {
    let page = "/account/second-factor";
    vec![
        get(page, second_factor::show),
        get("/account/second-factor/qr.svg", second_factor::show_qr).of_page(page),
        post("/account/second-factor/begin", second_factor::begin).of_page(page),
        post("/account/second-factor/confirm", second_factor::confirm).of_page(page),
        post("/account/second-factor/disable", second_factor::disable).of_page(page),
        post("/account/recovery-codes", recovery_codes::renew).of_page(page),
    ]
}

fn session_api() -> Vec<Route> {
    vec![
        get("/api/v1/session", api_session::show),
        post("/api/v1/session", sign_in::submit),
        delete("/api/v1/session", sign_out::submit),
        post("/api/v1/session/code", enter_code::submit),
        post("/api/v1/session/proof", confirm::submit),
        get("/api/v1/session/data", api_data::show_all),
        delete("/api/v1/session/data", api_data::clear),
        get("/api/v1/session/data/{key}", api_data::show),
        put("/api/v1/session/data/{key}", api_data::put),
        delete("/api/v1/session/data/{key}", api_data::remove),
        get("/api/v1/sessions", devices::show).with_cost(Cost::MayBlock),
        delete("/api/v1/sessions", devices::end_others),
        delete("/api/v1/sessions/{id}", devices::end_named),
    ]
}

fn account_api() -> Vec<Route> {
    let second_factor = "/api/v1/account/second-factor";
    vec![
        post("/api/v1/users", sign_up::submit),
        get("/api/v1/account", account::show),
        delete("/api/v1/account", delete_account::submit),
        put("/api/v1/account/password", password::submit),
        put("/api/v1/account/email", email::submit),
        post("/api/v1/account/email/resend", email::resend),
        get(second_factor, second_factor::show),
        post(second_factor, second_factor::begin),
        put(second_factor, second_factor::confirm),
        delete(second_factor, second_factor::disable),
        post("/api/v1/account/recovery-codes", recovery_codes::renew),
        get("/api/v1/account/history", history::show).with_cost(Cost::MayBlock),
        post("/api/v1/reset", reset::submit),
        post("/api/v1/link", link::submit),
        get("/api/v1/invitations", invitations::show).with_cost(Cost::MayBlock),
        post("/api/v1/invitations", invitations::submit),
        delete("/api/v1/invitations/{id}", invitations::withdraw_named),
    ]
}

/// What is there for everybody.
fn rest() -> Vec<Route> {
    vec![
        get("/", home::show),
        get("/assets/{name}", assets::show).without_session(),
        get("/healthz", health::alive).without_session(),
        get("/readyz", health::ready).without_session(),
    ]
}
