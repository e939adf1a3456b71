//! Lists and ends a user's sessions. Ending a session needs no re-authentication: signing out must always
//! work.

use std::cmp::Reverse;

use thiserror::Error;

use super::open_session::OpenSession;
use super::use_case_error::{Outcome, SessionRefusal, refusals};
use crate::admission::Admission;
use crate::event::EventKind;
use crate::ports::StoreError;
use crate::session::Session;

/// The maximum number of sessions that are listed and searched.
const MAX_SESSIONS: usize = 1_000;
/// The number of sessions read at a time.
const PAGE_SIZE: u32 = 200;

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

/// Returns the live sessions of the signed-in user, latest used first.
///
/// # Errors
/// [`StoreError`].
pub fn sessions_of(open: &OpenSession) -> Result<Vec<Session>, StoreError> {
    let Some(user) = open.account() else {
        return Ok(Vec::new());
    };
    let mut all: Vec<Session> = Vec::new();
    let mut after = None;
    while all.len() < MAX_SESSIONS {
        let page = open
            .core()
            .sessions
            .list(Some(user.id), after.as_ref(), PAGE_SIZE, open.now())?;
        after = page.last().map(|session| session.key);
        let is_last = page.len() < PAGE_SIZE as usize;
        // Sessions of an earlier epoch are invalid and only wait to be purged.
        let alive = |session: &Session| {
            session
                .authentication()
                .is_some_and(|proof| proof.epoch == user.epoch)
        };
        all.extend(page.into_iter().filter(alive));
        if is_last {
            break;
        }
    }
    all.sort_by_key(|session| Reverse(session.last_seen_at));
    Ok(all)
}

/// Ends one session of the signed-in user by its [`SessionKey::public_id`](crate::SessionKey::public_id). If
/// it is this session, the client is signed out.
///
/// # Errors
/// Any [`EndSessionRefusal`], or a [`Failure`](super::Failure).
pub fn end_session(open: &mut OpenSession, id: &str) -> Outcome<(), EndSessionRefusal> {
    let user = open.account().ok_or(EndSessionRefusal::NotSignedIn)?.clone();
    let sessions = sessions_of(open)?;
    let session = sessions.iter().find(|session| session.key.public_id() == id);
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
