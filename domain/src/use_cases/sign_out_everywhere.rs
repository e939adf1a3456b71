//! Ends all sessions of a user, on every device.

use super::Core;
use super::auth_state::AuthorityError;
use super::change_user::change_user;
use super::open_session::OpenSession;
use super::operator::Operator;
use super::sign_out::sign_out;
use super::use_case_error::{Outcome, UseCaseError};
use crate::account_change::Step;
use crate::event::{Event, EventKind};
use crate::ports::StoreError;
use crate::time::Timestamp;
use crate::user::UserId;

/// Ends every session of the signed-in user, including this one. It needs no re-authentication.
///
/// # Errors
/// [`AuthorityError::NotSignedIn`] if no user is signed in. Then only this session has ended, as by
/// [`sign_out`]. If a store fails, the sessions may still be valid, and the client keeps its token.
pub fn sign_out_everywhere(open: &mut OpenSession) -> Outcome<(), AuthorityError> {
    let Some(user) = open.account().map(|user| user.id) else {
        sign_out(open)?;
        return Err(UseCaseError::Refused(AuthorityError::NotSignedIn));
    };
    let event = open.event(user, EventKind::AllSessionsEnded);
    end(open.core(), user, event, open.now())?;
    open.sign_out_here();
    Ok(())
}

/// Ends every session of a user, as an operator, and returns the number of removed records.
///
/// Raising the epoch ends all sessions in one write, whichever store holds them. Removing the records only
/// reclaims space.
///
/// # Errors
/// [`StoreError`] if the epoch could not be raised or the records could not be removed.
pub fn end_all_sessions(
    core: &Core,
    operator: &Operator,
    user: UserId,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let event = operator.event(Some(user), EventKind::AllSessionsEndedByOperator, now);
    end(core, user, event, now)
}

fn end(core: &Core, user: UserId, event: Event, now: Timestamp) -> Result<u64, StoreError> {
    let steps = [Step::AppendEvent(event)];
    change_user(core, user, now, &steps, |user| Some(user.in_next_epoch()))?;
    core.sessions.delete_all_of(user)
}
