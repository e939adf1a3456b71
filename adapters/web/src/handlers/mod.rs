//! One file per thing that a client can do: read what came, call the use case, choose the answer.

pub(crate) mod account;
pub(crate) mod api_data;
pub(crate) mod api_session;
mod arrival;
pub(crate) mod assets;
mod authenticator;
pub(crate) mod confirm;
pub(crate) mod delete_account;
pub(crate) mod devices;
pub(crate) mod email;
pub(crate) mod enter_code;
pub(crate) mod health;
pub(crate) mod history;
pub(crate) mod home;
pub(crate) mod invitations;
pub(crate) mod link;
pub(crate) mod password;
pub(crate) mod profile;
pub(crate) mod recovery_codes;
pub(crate) mod reset;
pub(crate) mod second_factor;
pub(crate) mod sign_in;
pub(crate) mod sign_out;
pub(crate) mod sign_up;
mod wire_types;

use std::sync::Arc;

use kunci_domain::Core;

use crate::request::Request;
use crate::return_to::ReturnTo;

/// Where a client asked to be sent after it has signed in, if it may be sent there.
///
/// From a site on https nobody is sent to one on plain http.
fn next_place(request: &Request, asked: Option<&str>) -> Option<ReturnTo> {
    let settings = &request.around.settings;
    let place = ReturnTo::parse(asked?, &settings.redirect_hosts)?;
    let downgrade = settings.is_https() && place.as_str().starts_with("http:");
    (!downgrade).then_some(place)
}

fn core(request: &Request) -> Arc<Core> {
    Arc::clone(&request.around.core)
}
