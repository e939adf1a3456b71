//! `GET /api/v1/session`: who am I. Signing in and out is with the form routes of the same name.

use super::arrival::who_and_session;
use crate::errors::Error;
use crate::request::Request;
use crate::responses::{Response, json};

pub(crate) fn show(request: &mut Request) -> Result<Response, Error> {
    request.require_user()?;
    Ok(json(&who_and_session(request)))
}
