//! Making an account for oneself.

use thiserror::Error;

use super::create_user::{CreateUserError, NewUser, create_user};
use super::open_session::{OpenSession, SessionError};
use crate::session::Permanence;

/// Why nobody was signed up, or signed up but not signed in.
#[derive(Debug, Error)]
pub enum SignUpError {
    /// There is no account.
    #[error(transparent)]
    Create(#[from] CreateUserError),
    /// There is one, but no session could be begun; signing in later will do.
    #[error(transparent)]
    Session(#[from] SessionError),
}

/// Makes an account and signs its owner in.
///
/// # Errors
/// Any [`SignUpError`].
pub fn sign_up(open: &mut OpenSession, new: NewUser<'_>, permanence: Permanence) -> Result<(), SignUpError> {
    let user = create_user(&open.core, new, open.now)?;
    Ok(open.establish(&user, permanence)?)
}
