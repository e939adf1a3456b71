//! `/healthz` and `/readyz`: for supervisors and load balancers.

use kunci_domain::{LinkKey, SessionKey, UserId};

use super::core;
use crate::errors::Error;
use crate::request::Request;
use crate::responses::{Response, text};

/// The process answers.
pub(crate) fn alive(_: &mut Request) -> Result<Response, Error> {
    Ok(text("ok"))
}

/// The stores answer, too.
pub(crate) fn ready(request: &mut Request) -> Result<Response, Error> {
    let core = core(request);
    core.users.find(UserId::from_stored(0))?;
    core.sessions
        .find(&SessionKey::from_stored([0; SessionKey::LEN]), request.now())?;
    core.tokens
        .find(&LinkKey::from_stored([0; LinkKey::LEN]), request.now())?;
    core.history.list(UserId::from_stored(0), 0, 1)?;
    Ok(text("ok"))
}
