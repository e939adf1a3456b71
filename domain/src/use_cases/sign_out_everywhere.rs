//! Ending all sessions of a user, on every device.

use super::Core;
use super::change_user::change_user;
use super::open_session::OpenSession;
use crate::event::EventKind;
use crate::ports::StoreError;
use crate::user::{User, UserId};

/// Ends every session of whoever is signed in, this one included; without a user, just this one.
///
/// It always works at once, asks for no proof, and may be repeated.
///
/// # Errors
/// [`StoreError`]: then the sessions may still live, and the client keeps its token.
pub fn sign_out_everywhere(open: &mut OpenSession) -> Result<(), StoreError> {
    let account = open.account().cloned();
    if let Some(user) = &account {
        end_all_sessions(&open.core, user.id)?;
    } else if let Some(record) = open.record() {
        open.core.sessions.delete(record)?;
    }
    open.sign_out_here();
    if let Some(user) = &account {
        open.note(user, EventKind::AllSessionsEnded);
    }
    Ok(())
}

/// Ends every session of a user; tells how many records there were.
///
/// Raising the epoch ends them, in one write, whichever store holds them; removing the records is tidying.
///
/// # Errors
/// [`StoreError`] when the epoch could not be raised, or the records not be removed.
pub fn end_all_sessions(core: &Core, user: UserId) -> Result<u64, StoreError> {
    change_user(core, user, |user| Some(User::in_next_epoch(user)))?;
    core.sessions.delete_all_of(user)
}
