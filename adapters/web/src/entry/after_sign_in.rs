//! The response to a completed sign-in by password, code or link.

use serde_json::{Value, json};

use crate::errors::Error;
use crate::kit::request::Request;
use crate::kit::responses::{Response, redirect, reply};
use crate::kit::return_to::ReturnTo;
use crate::kit::wire_types::{SessionView, UserView};

/// Answers a completed sign-in and updates the device cookie.
///
/// # Errors
/// [`Error::SecondFactorNeeded`] if the user must set up a second factor first. The session is kept.
pub(super) fn finish_sign_in(request: &mut Request, next: Option<ReturnTo>) -> Result<Response, Error> {
    request.remember_device();
    request.require_user()?;
    Ok(reply(
        request,
        |_| "Logged in".to_owned(),
        |request| {
            if request.is_api() {
                user_and_session(request)
            } else {
                json!({"message": "Logged in", "user": request.user().map(UserView::from)})
            }
        },
        |_| continue_to(next),
    ))
}

/// Redirects the client to `next`, or else to the profile.
pub(super) fn continue_to(next: Option<ReturnTo>) -> Response {
    redirect(next.unwrap_or_else(|| ReturnTo::path("/profile")).as_str())
}

/// Returns the signed-in user and the session as JSON.
pub(crate) fn user_and_session(request: &Request) -> Value {
    json!({
        "user": request.user().map(UserView::from),
        "session": request.session.record().map(SessionView::from),
    })
}
