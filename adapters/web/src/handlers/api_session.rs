//! `/api/v1/session`: who am I, sign in, sign out.

use kunci_domain::use_cases::{self, SignIn};
use kunci_domain::{Password, Permanence};
use serde::Deserialize;
use serde_json::json;
use zeroize::ZeroizeOnDrop;

use super::wire_types::{SessionView, UserView};
use crate::errors::Error;
use crate::request::Request;
use crate::responses::{Response, json};

/// The body of a sign-in.
#[derive(Deserialize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
struct Body {
    username: String,
    password: String,
    #[serde(default = "permanent")]
    remember: bool,
}

const fn permanent() -> bool {
    true
}

pub(crate) fn show(request: &mut Request) -> Result<Response, Error> {
    let user = UserView::from(request.require_user()?);
    Ok(json(
        &json!({"user": user, "session": request.session.record().map(SessionView::from)}),
    ))
}

pub(crate) fn sign_in(request: &mut Request) -> Result<Response, Error> {
    let body: Body = request.json()?;
    let password = Password::presented(body.password.clone());
    let permanence = Permanence::from_choice(body.remember);
    use_cases::sign_in(
        request.session(),
        SignIn {
            name: &body.username,
            password,
            permanence,
        },
    )?;
    show(request)
}

pub(crate) fn sign_out(request: &mut Request) -> Result<Response, Error> {
    use_cases::sign_out(request.session())?;
    Ok(json(&json!({"message": "Logged out"})))
}
