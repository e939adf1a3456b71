//! One file per thing that a client can do: read what came, call the use case, choose the answer.

pub(crate) mod account;
pub(crate) mod api_data;
pub(crate) mod api_session;
pub(crate) mod assets;
pub(crate) mod health;
pub(crate) mod home;
pub(crate) mod password;
pub(crate) mod profile;
pub(crate) mod sign_in;
pub(crate) mod sign_out;
pub(crate) mod sign_up;
mod wire_types;

use std::sync::Arc;

use kunci_domain::Core;

use crate::errors::Error;
use crate::request::Request;
use crate::return_to::ReturnTo;
use crate::settings::Surroundings;

/// Where a client asked to be sent after it has signed in, if it may be sent there.
///
/// From a site on https nobody is sent to one on plain http.
fn next_place(request: &Request, asked: Option<&str>) -> Option<ReturnTo> {
    let around = request.parts.extensions.get::<Surroundings>()?;
    let place = ReturnTo::parse(asked?, &around.settings.redirect_hosts)?;
    let downgrade = around.settings.is_https() && place.as_str().starts_with("http:");
    (!downgrade).then_some(place)
}

fn core(request: &Request) -> Result<Arc<Core>, Error> {
    let around = request.parts.extensions.get::<Surroundings>();
    around
        .map(|around| Arc::clone(&around.core))
        .ok_or(Error::NotFound)
}
