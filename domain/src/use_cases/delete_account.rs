//! Lets users delete their own account.

use super::auth_state::AuthorityError;
use super::change_user::change_user;
use super::open_session::OpenSession;
use super::trail::Act;
use super::use_case_error::{Outcome, UseCaseError};
use crate::account_change::Step;

/// Removes the account of the signed-in user with all its data. The first write invalidates all its sessions.
///
/// # Errors
/// [`AuthorityError`] if no user is signed in, the user must re-authenticate, or the session was ended meanwhile.
/// If a store failed, the account may be gone already, and with it every session.
pub fn delete_account(open: &mut OpenSession) -> Outcome<(), AuthorityError> {
    let user = open.fresh_account().map_err(UseCaseError::Refused)?.clone();
    let core = open.core();
    let delete = [Step::DeleteUser(user.id)];
    let deleted = change_user(core, user.id, open.now(), &delete, |present| {
        present.admits(user.epoch).then(|| present.in_next_epoch())
    })?;
    // If the account is gone, another request was faster.
    if deleted.is_none() && core.accounts.find(user.id)?.is_some() {
        return Err(UseCaseError::Refused(AuthorityError::NotSignedIn));
    }
    core.sessions.delete_all_of(user.id)?;
    open.did(Act::AccountDeleted, user.id);
    open.sign_out_here();
    Ok(())
}
