//! Ends all sessions of a user, on every device.

use super::Core;
use super::change_user::change_user;
use super::open_session::OpenSession;
use crate::event::EventKind;
use crate::ports::StoreError;
use crate::user::{User, UserId};

/// Ends every session of the signed-in user, including this one. Without a signed-in user, ends only this
/// session.
///
/// It needs no re-authentication and may be repeated.
///
/// # Errors
/// [`StoreError`]; the sessions may then still be valid, and the client keeps its token.
pub fn sign_out_everywhere(open: &mut OpenSession) -> Result<(), StoreError> {
    let account = open.account().cloned();
    if let Some(user) = &account {
        end_all_sessions(&open.core, user.id)?;
    } else if let Some(record) = open.record() {
        open.core.sessions.delete(record)?;
    }
    open.sign_out_here();
    if let Some(user) = &account {
        open.record_event(user, EventKind::AllSessionsEnded);
    }
    Ok(())
}

/// Ends every session of a user and returns the number of removed records.
///
/// Raising the epoch ends all sessions in one write, whichever store holds them. Removing the records only
/// reclaims space.
///
/// # Errors
/// [`StoreError`] if the epoch could not be raised or the records could not be removed.
pub fn end_all_sessions(core: &Core, user: UserId) -> Result<u64, StoreError> {
    change_user(core, user, |user| Some(User::in_next_epoch(user)))?;
    core.sessions.delete_all_of(user)
}
