//! Deleting one's own account.

use std::sync::Arc;

use thiserror::Error;

use super::administer::remove;
use super::open_session::OpenSession;
use super::standing::AuthorityError;
use crate::ports::StoreError;

/// Why the account is still there.
#[derive(Debug, Error)]
pub enum DeleteAccountError {
    /// Nobody is signed in, or the proof of who they are is too old.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// A store failed; the account may be gone already, and with it every session.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Removes the account of whoever is signed in, with all that belongs to it. All its sessions are dead with
/// the first write.
///
/// # Errors
/// Any [`DeleteAccountError`].
pub fn delete_account(open: &mut OpenSession) -> Result<(), DeleteAccountError> {
    let user = open.fresh_account()?.clone();
    remove(&Arc::clone(&open.core), user.id)?;
    open.sign_out_here();
    Ok(())
}
