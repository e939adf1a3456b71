//! Signs in a user who has lost the password, through a link from an operator.

use thiserror::Error;

use super::links::{LinkRefusal, link_for_user, spend};
use super::open_session::OpenSession;
use super::sign_in::SignedIn;
use super::throttling::Attempt;
use super::use_case_error::{Outcome, SessionRefusal, refusals};
use crate::admission::Admission;
use crate::known_device::KnownDevices;
use crate::one_time_token::{LinkToken, Purpose};
use crate::ports::Committed;
use crate::session_policy::Permanence;

/// Why a sign-in by link failed.
#[derive(Debug, Error)]
pub enum LinkSignInRefusal {
    /// The link is not valid.
    #[error(transparent)]
    Link(#[from] LinkRefusal),
    /// The session could not begin.
    #[error(transparent)]
    Session(#[from] SessionRefusal),
}
refusals!(LinkSignInRefusal: LinkRefusal);

/// Signs in the holder of a link, which replaces the password. A second factor is still required. The session
/// ends when the browser closes.
///
/// # Errors
/// Any [`LinkSignInRefusal`], or a [`Failure`](super::Failure). If the session cannot begin, the link is used
/// up.
pub fn sign_in_by_link(
    open: &mut OpenSession,
    token: &LinkToken,
    devices: &dyn KnownDevices,
) -> Outcome<SignedIn, LinkSignInRefusal> {
    let (link, user) = link_for_user(open, token, &[Purpose::SignIn])?;
    open.authenticates_as(Some(user.id));
    // If the user changes meanwhile, the session begins in an epoch that is no longer valid.
    let spent = open.core().accounts.commit(&spend(&link).into(), open.now())?;
    if spent != Committed::Done {
        return Err(LinkRefusal::Dead.into());
    }
    let attempt = Attempt::new(
        &open.context,
        user.name.as_str(),
        Some((user.id, user.epoch)),
        devices,
    );
    Ok(open.pass_first_step(&Admission::from(&user), Permanence::Browser, &attempt)?)
}
