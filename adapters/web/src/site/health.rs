//! `/healthz` and `/readyz`, for supervisors and load balancers.

use kunci_domain::{SessionKey, UserId};

use crate::errors::Error;
use crate::kit::request::Request;
use crate::kit::responses::{Response, text};

/// Answers if the process is running.
pub(crate) fn alive(_: &mut Request) -> Result<Response, Error> {
    Ok(text("ok"))
}

/// Answers if the stores also answer.
pub(crate) fn ready(request: &mut Request) -> Result<Response, Error> {
    let core = &request.state.core;
    core.accounts.find(UserId::from_stored(0))?;
    core.sessions
        .find(&SessionKey::from_stored([0; SessionKey::LEN]), request.now())?;
    Ok(text("ok"))
}
