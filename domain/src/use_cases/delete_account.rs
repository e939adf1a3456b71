//! Lets users delete their own account.

use super::administer::remove;
use super::auth_state::AuthorityError;
use super::open_session::OpenSession;
use super::trail::Act;
use super::use_case_error::{Outcome, UseCaseError};

/// Removes the account of the signed-in user with all its data. The first write invalidates all its sessions.
///
/// # Errors
/// [`AuthorityError`] if no user is signed in or the user must re-authenticate. If a store failed, the account
/// may be gone already, and with it every session.
pub fn delete_account(open: &mut OpenSession) -> Outcome<(), AuthorityError> {
    let user = open.fresh_account().map_err(UseCaseError::Refused)?.clone();
    remove(&open.context.core, user.id, &[], open.context.now)?;
    open.did(Act::AccountDeleted, user.id);
    open.sign_out_here();
    Ok(())
}
