//! `/healthz` and `/readyz`, for supervisors and load balancers.

use kunci_domain::{SessionKey, UserId};

use crate::errors::Error;
use crate::kit::{Access, Endpoint, Request, Response, text};

pub(crate) const ROUTES: &[Endpoint] = &[
    Endpoint::get("/healthz", Access::Anyone, alive).without_stores(),
    Endpoint::get("/readyz", Access::Anyone, ready).with_stores_only(),
];

/// Answers if the process is running.
fn alive(_: &mut Request) -> Result<Response, Error> {
    Ok(text("ok"))
}

/// Answers if the stores also answer, and accept every kind of write.
fn ready(request: &mut Request) -> Result<Response, Error> {
    let core = &request.state.core;
    core.accounts.find(UserId::from_stored(0))?;
    core.sessions
        .find(&SessionKey::from_stored([0; SessionKey::LEN]), request.now())?;
    for part in &request.state.settings.health {
        part.check()?;
    }
    Ok(text("ok"))
}
