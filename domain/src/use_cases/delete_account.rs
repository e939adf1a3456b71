//! Lets users delete their own account.

use thiserror::Error;

use super::administer::remove;
use super::auth_state::AuthorityError;
use super::open_session::OpenSession;
use crate::ports::StoreError;

/// Why the account was not deleted.
#[derive(Debug, Error)]
pub enum DeleteAccountError {
    /// No user is signed in, or the user must re-authenticate.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// A store failed. The account, and with it every session, may be gone already.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Removes the account of the signed-in user with all its data. The first write invalidates all its sessions.
///
/// # Errors
/// Any [`DeleteAccountError`].
pub fn delete_account(open: &mut OpenSession) -> Result<(), DeleteAccountError> {
    let user = open.fresh_account()?.clone();
    remove(&open.core, user.id, &[], open.now)?;
    open.sign_out_here();
    Ok(())
}
