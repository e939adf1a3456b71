//! The response to a completed sign-in by password, code or link.

use http::header;
use serde_json::{Value, json};

use crate::errors::Error;
use crate::kit::{
    Fields, Representation, Request, Response, ReturnTo, SessionView, UserView, View, redirect,
};

/// Answers a completed sign-in and updates the device cookie.
///
/// # Errors
/// [`Error::SecondFactorNeeded`] if the user must set up a second factor first. The session is kept.
pub(super) fn finish_sign_in(request: &mut Request, next: Option<ReturnTo>) -> Result<Response, Error> {
    request.remember_device();
    request.require_user()?;
    View {
        text: |_| "Logged in".to_owned(),
        json: |request| {
            if request.is_api() {
                user_and_session(request)
            } else {
                json!({"message": "Logged in", "user": request.user().map(UserView::from)})
            }
        },
        page: |_| Ok(continue_to(next)),
    }
    .render(request)
}

/// Query field of the sign-in page after a sign-in by a browser that sent no cookie.
pub(super) const COOKIE_TEST: &str = "signed_in";

/// Returns the redirect that tests whether the browser stores cookies, or `None` if it has sent a cookie.
///
/// The sign-in page leads on to the next step if it finds the session, and otherwise says that cookies are
/// needed. Scripts do not send the field `form` that the forms of pages have, so they are never redirected there.
pub(super) fn cookie_test(request: &mut Request, fields: &Fields) -> Option<Response> {
    let is_page = request.representation() == Representation::Page && fields.get("form") == Some("page");
    if !is_page || request.headers().contains_key(header::COOKIE) {
        return None;
    }
    request.remember_device();
    let next = request.next(fields).unwrap_or_else(profile);
    let sign_in = ReturnTo::link_with(Some(&next), "/login");
    Some(redirect(&format!("{sign_in}&{COOKIE_TEST}")))
}

fn profile() -> ReturnTo {
    ReturnTo::path("/profile")
}

/// Redirects the client to `next`, or else to the profile.
pub(super) fn continue_to(next: Option<ReturnTo>) -> Response {
    redirect(next.unwrap_or_else(profile).as_str())
}

/// Returns the signed-in user and the session as JSON.
pub(crate) fn user_and_session(request: &Request) -> Value {
    json!({
        "user": request.user().map(UserView::from),
        "session": request.session.record().map(SessionView::from),
    })
}
