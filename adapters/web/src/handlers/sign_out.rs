//! `/logout` and `/logout_all`: always at once, and as often as one likes.

use kunci_domain::OpenSession;
use kunci_domain::ports::StoreError;
use kunci_domain::use_cases::{sign_out, sign_out_everywhere};
use kunci_maud::{SignOutPage, sign_out_page};
use serde_json::json;

use crate::errors::Error;
use crate::representation::Representation;
use crate::request::Request;
use crate::responses::{Response, html, json, redirect, text};

pub(crate) fn show(request: &mut Request) -> Result<Response, Error> {
    Ok(ask(request, false))
}

pub(crate) fn show_everywhere(request: &mut Request) -> Result<Response, Error> {
    Ok(ask(request, true))
}

pub(crate) fn submit(request: &mut Request) -> Result<Response, Error> {
    end(request, sign_out, "Logged out")
}

pub(crate) fn submit_everywhere(request: &mut Request) -> Result<Response, Error> {
    end(request, sign_out_everywhere, "Logged out from all sessions")
}

fn ask(request: &Request, everywhere: bool) -> Response {
    match request.representation() {
        Representation::Text => text("Send POST to log out"),
        Representation::Json => json(&json!({"message": "Send POST to log out"})),
        Representation::Page => html(sign_out_page(&SignOutPage {
            name: request.viewer(),
            everywhere,
        })),
    }
}

fn end(
    request: &mut Request,
    use_case: fn(&mut OpenSession) -> Result<(), StoreError>,
    done: &'static str,
) -> Result<Response, Error> {
    use_case(request.session())?;
    // No `Clear-Site-Data`: all pages are `no-store` and keep nothing in the browser, and with that header
    // Chromium was seen to show the profile again from its back/forward cache, which without it it drops
    // as soon as the session cookie goes (OWASP ASVS 5.0, 14.3.1).
    Ok(match request.representation() {
        Representation::Text => text(done),
        Representation::Json => json(&json!({"message": done})),
        Representation::Page => redirect("/login"),
    })
}
