//! An operator's actions on the sessions of all users.

use thiserror::Error;

use super::Core;
use super::operator::Operator;
use super::use_case_error::{Outcome, refusals};
use crate::account_change::Step;
use crate::event::EventKind;
use crate::ports::StoreError;
use crate::session::Session;
use crate::time::Timestamp;
use crate::token::{SessionId, SessionKey};
use crate::user::UserId;

/// The number of sessions read at a time.
const PAGE_SIZE: u32 = 500;

/// A part of the list of sessions.
#[derive(Debug)]
pub struct SessionPage {
    /// The sessions, in the order of their keys.
    pub sessions: Vec<Session>,
    /// The key after which the next page starts, or `None` if this is the last page.
    pub next: Option<SessionKey>,
}

/// Why a session was not ended.
#[derive(Debug, Error)]
pub enum RevokeSessionRefusal {
    /// The text is not the identifier of a session.
    #[error("this is not the identifier of a session")]
    Malformed,
    /// No session has this identifier.
    #[error("there is no such session")]
    Unknown,
    /// Several sessions have this identifier.
    #[error("two sessions have this identifier")]
    Ambiguous,
}
refusals!(RevokeSessionRefusal);

/// Returns a page of the live sessions of a user or of all clients, starting after the key `after`.
///
/// # Errors
/// [`StoreError`].
pub fn list_sessions(
    core: &Core,
    _: &Operator,
    user: Option<UserId>,
    after: Option<&SessionKey>,
    now: Timestamp,
) -> Result<SessionPage, StoreError> {
    let stored = core.sessions.list(user, after, PAGE_SIZE, now)?;
    let is_last = stored.len() < PAGE_SIZE as usize;
    let next = stored.last().map(|last| last.key).filter(|_| !is_last);
    let mut sessions = Vec::with_capacity(stored.len());
    for session in stored {
        if is_admitted(core, &session)? {
            sessions.push(session);
        }
    }
    Ok(SessionPage { sessions, next })
}

/// Returns whether a session has no user or its user still admits it. The record of a session with an older
/// epoch may not be removed yet.
fn is_admitted(core: &Core, session: &Session) -> Result<bool, StoreError> {
    let Some(authentication) = session.authentication() else {
        return Ok(true);
    };
    let user = core.accounts.find(authentication.user)?;
    Ok(user.is_some_and(|user| user.admits(authentication.epoch)))
}

/// Ends one session by its [`SessionKey::public_id`].
///
/// The event is recorded first, because the session may be in another store: no session ends without a trace.
///
/// # Errors
/// Any [`RevokeSessionRefusal`], or a [`Failure`](super::Failure); the event may then be recorded although the
/// session has not ended.
pub fn revoke_session(
    core: &Core,
    operator: &Operator,
    id: &str,
    now: Timestamp,
) -> Outcome<(), RevokeSessionRefusal> {
    let session = find(core, id, now)?;
    let event = operator.event(session.sign_in.owner(), EventKind::SessionEndedByOperator, now);
    // Appending has no precondition, so the outcome is always the same.
    let _ = core.accounts.commit(&Step::AppendEvent(event).into(), now)?;
    core.sessions.delete(&session)?;
    Ok(())
}

fn find(core: &Core, id: &str, now: Timestamp) -> Outcome<Session, RevokeSessionRefusal> {
    let id = SessionId::parse(id).ok_or(RevokeSessionRefusal::Malformed)?;
    let mut matching = sessions_with_id(core, None, id, now)?.into_iter();
    match (matching.next(), matching.next()) {
        (Some(session), None) => Ok(session),
        (Some(_), Some(_)) => Err(RevokeSessionRefusal::Ambiguous.into()),
        (None, _) => Err(RevokeSessionRefusal::Unknown.into()),
    }
}

/// Returns the live sessions with an id, of one user or of all clients: at most two, and usually at most one.
pub(super) fn sessions_with_id(
    core: &Core,
    user: Option<UserId>,
    id: SessionId,
    now: Timestamp,
) -> Result<Vec<Session>, StoreError> {
    let mut found = core.sessions.list(user, id.key_before().as_ref(), 2, now)?;
    found.retain(|session| id.is_of(&session.key));
    Ok(found)
}
