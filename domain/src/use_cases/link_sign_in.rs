//! Signs in a user who has lost the password, through a link from an operator.

use thiserror::Error;

use super::links::{LinkError, link_for_user, spend};
use super::open_session::OpenSession;
use super::sign_in::{SignInError, SignedIn};
use super::throttling::Attempt;
use crate::admission::Admission;
use crate::known_device::KnownDevices;
use crate::one_time_token::{LinkToken, Purpose};
use crate::ports::Committed;
use crate::session::Permanence;

/// Why a sign-in by link failed.
#[derive(Debug, Error)]
pub enum LinkSignInError {
    /// The link is not valid.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// The session could not begin.
    #[error(transparent)]
    SignIn(#[from] SignInError),
}

/// Signs in the holder of a link, which replaces the password. A second factor is still required. The session
/// ends when the browser closes.
///
/// # Errors
/// Any [`LinkSignInError`]. If the session cannot begin, the link is used up.
pub fn sign_in_by_link(
    open: &mut OpenSession,
    token: &LinkToken,
    devices: &dyn KnownDevices,
) -> Result<SignedIn, LinkSignInError> {
    let (link, user) = link_for_user(open, token, &[Purpose::SignIn])?;
    // If the user changes meanwhile, the session begins in an epoch that is no longer valid.
    match open.core.accounts.commit(&spend(&link).into(), open.now) {
        Ok(Committed::Done) => {}
        Ok(_) => return Err(LinkError::Dead.into()),
        Err(error) => return Err(LinkError::Store(error).into()),
    }
    let attempt = Attempt::new(user.name.as_str(), &open.device, devices.of(user.id));
    Ok(open.pass_first_step(&Admission::from(&user), Permanence::Browser, &attempt)?)
}
