//! What a client is told when it has signed in, whichever way it came.

use serde_json::{Value, json};

use super::wire_types::{SessionView, UserView};
use crate::errors::Error;
use crate::request::Request;
use crate::responses::{Response, redirect, reply};
use crate::return_to::ReturnTo;

/// Answers a finished sign-in, and has the client remember it. Who has yet to set up a second factor is
/// told so; the session is theirs all the same.
pub(super) fn arrive(request: &mut Request, next: Option<ReturnTo>) -> Result<Response, Error> {
    request.remember_device();
    request.require_user()?;
    Ok(reply(
        request,
        |_| "Logged in".to_owned(),
        |request| {
            if request.is_api() {
                who_and_session(request)
            } else {
                json!({"message": "Logged in", "user": request.user().map(UserView::from)})
            }
        },
        |_| go_on(next),
    ))
}

/// Sends a client where it wanted to go.
pub(super) fn go_on(next: Option<ReturnTo>) -> Response {
    redirect(next.unwrap_or_else(|| ReturnTo::path("/profile")).as_str())
}

/// Who is signed in, and until when.
pub(super) fn who_and_session(request: &Request) -> Value {
    json!({
        "user": request.user().map(UserView::from),
        "session": request.session.record().map(SessionView::from),
    })
}
