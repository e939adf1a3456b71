//! Lists and ends a user's sessions. Ending a session needs no re-authentication: signing out must always
//! work.

use std::cmp::Reverse;

use thiserror::Error;

use super::administer_sessions::sessions_with_id;
use super::open_session::OpenSession;
use super::use_case_error::{Outcome, SessionRefusal, refusals};
use crate::admission::Admission;
use crate::event::EventKind;
use crate::ports::StoreError;
use crate::session::Session;
use crate::token::SessionId;

/// The number of sessions on a page.
const PAGE_SIZE: usize = 1_000;
/// The number of sessions read at a time.
const READ_SIZE: u32 = 200;

/// Why a session was not ended.
#[derive(Debug, Error)]
pub enum EndSessionRefusal {
    /// No user is signed in.
    #[error("you are not signed in")]
    NotSignedIn,
    /// None of the user's sessions has this id.
    #[error("there is no such session")]
    Unknown,
    /// This session has ended meanwhile or could not continue.
    #[error(transparent)]
    Session(#[from] SessionRefusal),
}
refusals!(EndSessionRefusal);

/// A part of the list of a user's sessions.
#[derive(Debug, Default)]
pub struct OwnSessions {
    /// The sessions of this page, latest used first.
    pub sessions: Vec<Session>,
    /// The id of the session with which the next page starts, or `None` if this is the last page.
    pub next: Option<String>,
}

/// Returns a page of the live sessions of the signed-in user, starting with the session `from`.
///
/// The pages follow the order of the keys, which does not change while the pages are read. A session that is
/// live the whole time is on one of them.
///
/// # Errors
/// [`StoreError`].
pub fn sessions_of(open: &OpenSession, from: Option<SessionId>) -> Result<OwnSessions, StoreError> {
    let Some(user) = open.account() else {
        return Ok(OwnSessions::default());
    };
    let mut after = from.and_then(SessionId::key_before);
    let mut found: Vec<Session> = Vec::new();
    while found.len() <= PAGE_SIZE {
        let store = &open.core().sessions;
        let part = store.list(Some(user.id), after.as_ref(), READ_SIZE, open.now())?;
        after = part.last().map(|session| session.key);
        let is_last = part.len() < READ_SIZE as usize;
        found.extend(part.into_iter().filter(|session| is_alive(session, user)));
        if is_last {
            break;
        }
    }
    let next = found.get(PAGE_SIZE).map(|session| session.key.public_id());
    found.truncate(PAGE_SIZE);
    found.sort_by_key(|session| Reverse(session.last_seen_at));
    Ok(OwnSessions {
        sessions: found,
        next,
    })
}

/// Returns whether a session is valid. One of an earlier epoch only waits to be removed.
fn is_alive(session: &Session, user: &Admission) -> bool {
    let proof = session.authentication();
    proof.is_some_and(|proof| proof.epoch == user.epoch)
}

/// Ends one session of the signed-in user by its [`SessionKey::public_id`](crate::SessionKey::public_id). If
/// it is this session, the client is signed out.
///
/// # Errors
/// Any [`EndSessionRefusal`], or a [`Failure`](super::Failure).
pub fn end_session(open: &mut OpenSession, id: &str) -> Outcome<(), EndSessionRefusal> {
    let user = open.account().ok_or(EndSessionRefusal::NotSignedIn)?.clone();
    let id = SessionId::parse(id).ok_or(EndSessionRefusal::Unknown)?;
    let found = sessions_with_id(&open.context.core, Some(user.id), id, open.context.now)?;
    let session = found.iter().find(|session| is_alive(session, &user));
    let session = session.ok_or(EndSessionRefusal::Unknown)?;
    if open.record().is_some_and(|record| record.key == session.key) {
        super::sign_out(open)?;
    } else {
        open.core().sessions.delete(session)?;
    }
    open.record_event(&user, EventKind::SessionEnded);
    Ok(())
}

/// Ends all other sessions of the signed-in user. This session continues under a new token.
///
/// # Errors
/// Any [`EndSessionRefusal`], or a [`Failure`](super::Failure). If this session could not continue, it may
/// have ended with the others.
pub fn end_other_sessions(open: &mut OpenSession) -> Outcome<(), EndSessionRefusal> {
    let proved = open.account().ok_or(EndSessionRefusal::NotSignedIn)?.clone();
    let changed = open.change_account((proved.id, proved.epoch), EventKind::OtherSessionsEnded, |user| {
        Some(user.in_next_epoch())
    })?;
    let changed = changed.ok_or_else(|| open.mark_ended())?;
    Ok(open.adopt_epoch(&Admission::from(&changed))?)
}
