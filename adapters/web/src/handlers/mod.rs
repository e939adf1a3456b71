//! One file per use case: each handler parses the request, calls the use case and builds the response.

pub(crate) mod account;
mod after_sign_in;
pub(crate) mod api_data;
pub(crate) mod api_session;
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

/// Returns the validated target to which a client returns after signing in.
///
/// A site on https does not redirect to plain http.
fn return_target(request: &Request, target: Option<&str>) -> Option<ReturnTo> {
    let settings = &request.state.settings;
    let target = ReturnTo::parse(target?, &settings.redirect_hosts)?;
    let downgrade = settings.is_https() && target.as_str().starts_with("http:");
    (!downgrade).then_some(target)
}

fn core(request: &Request) -> Arc<Core> {
    Arc::clone(&request.state.core)
}
