//! Signing in by a link that an operator handed over: the way back in for who has lost the password.

use thiserror::Error;

use super::guess::Target;
use super::links::{LinkError, spend_for_user};
use super::open_session::OpenSession;
use super::sign_in::{SignInError, SignedIn};
use crate::known_device::KnownDevices;
use crate::one_time_token::{LinkToken, Purpose};
use crate::session::Permanence;

/// Why nobody is signed in.
#[derive(Debug, Error)]
pub enum LinkSignInError {
    /// The link does not work.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// The session could not be begun.
    #[error(transparent)]
    SignIn(#[from] SignInError),
}

/// Signs in whoever holds a link, in place of the password; a second factor is asked for as always. The
/// session ends with the browser.
///
/// # Errors
/// Any [`LinkSignInError`]; the link may be used up.
pub fn sign_in_by_link(
    open: &mut OpenSession,
    token: &LinkToken,
    devices: &dyn KnownDevices,
) -> Result<SignedIn, LinkSignInError> {
    let (_, user) = spend_for_user(open, token, Purpose::SignIn)?;
    let target = Target::new(user.name.as_str(), &open.device, devices.of(user.id));
    Ok(open.pass_first_step(&user, Permanence::Browser, &target)?)
}
