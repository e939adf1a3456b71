//! `GET /api/v1/session`: the signed-in user. `sign_in` and `sign_out` handle the other methods.

use super::after_sign_in::user_and_session;
use crate::errors::Error;
use crate::request::Request;
use crate::responses::{Response, json};

pub(crate) fn show(request: &mut Request) -> Result<Response, Error> {
    request.require_user()?;
    Ok(json(&user_and_session(request)))
}
