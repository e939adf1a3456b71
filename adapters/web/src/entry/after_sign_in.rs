//! The response to a completed sign-in by password, code or link.

use serde_json::{Value, json};

use crate::errors::Error;
use crate::kit::{Request, Response, ReturnTo, SessionView, UserView, View, redirect};

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
