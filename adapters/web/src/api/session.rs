//! `GET /api/v1/session`: the signed-in user. `sign_in` and `sign_out` handle the other methods.

use crate::entry::after_sign_in::user_and_session;
use crate::errors::Error;
use crate::kit::request::Request;
use crate::kit::responses::{Response, json};

pub(crate) fn show(request: &mut Request) -> Result<Response, Error> {
    request.require_user()?;
    Ok(json(&user_and_session(request)))
}
