//! `GET /api/v1/session`: the signed-in user. `sign_in` and `sign_out` handle the other methods.

use crate::entry::after_sign_in::user_and_session;
use crate::errors::Error;
use crate::kit::{Access, Endpoint, Request, Response, json};

pub(crate) const ROUTES: &[Endpoint] = &[Endpoint::get("/api/v1/session", Access::User, show)];

fn show(request: &mut Request) -> Result<Response, Error> {
    Ok(json(&user_and_session(request)))
}
