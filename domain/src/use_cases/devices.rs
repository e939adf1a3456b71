//! Looking at one's sessions, and ending them. That asks for no proof: signing out must always work at once.

use std::cmp::Reverse;
use std::sync::Arc;

use thiserror::Error;

use super::change_user::change_user;
use super::open_session::{OpenSession, SessionError};
use crate::event::EventKind;
use crate::ports::StoreError;
use crate::session::Session;
use crate::user::User;

/// As many sessions are shown and looked through at the most.
const MOST: usize = 1_000;
/// As many are read at a time.
const PAGE: u32 = 200;

/// Why no session was ended.
#[derive(Debug, Error)]
pub enum EndSessionError {
    /// Nobody is signed in.
    #[error("nobody is signed in")]
    NotSignedIn,
    /// None of their sessions has this id.
    #[error("there is no such session")]
    Unknown,
    /// This session has ended meanwhile, or could not be continued.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// A store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The live sessions of whoever is signed in, the latest used first.
///
/// # Errors
/// [`StoreError`].
pub fn sessions_of(open: &OpenSession) -> Result<Vec<Session>, StoreError> {
    let Some(user) = open.account() else {
        return Ok(Vec::new());
    };
    let mut all: Vec<Session> = Vec::new();
    let mut after = None;
    while all.len() < MOST {
        let page = open
            .core
            .directory
            .list(Some(user.id), after.as_ref(), PAGE, open.now)?;
        after = page.last().map(|session| session.key);
        let whole = page.len() < PAGE as usize;
        // What belongs to an earlier epoch is dead already, and only waits to be swept.
        let alive = |session: &Session| {
            session
                .authentication
                .is_some_and(|proof| proof.epoch == user.epoch)
        };
        all.extend(page.into_iter().filter(alive));
        if whole {
            break;
        }
    }
    all.sort_by_key(|session| Reverse(session.last_seen_at));
    Ok(all)
}

/// Ends one session of whoever is signed in, by what [`SessionKey::public_id`](crate::SessionKey::public_id)
/// says of it; this very session, too, which then is signed out.
///
/// # Errors
/// Any [`EndSessionError`].
pub fn end_session(open: &mut OpenSession, id: &str) -> Result<(), EndSessionError> {
    let user = open.account().ok_or(EndSessionError::NotSignedIn)?.clone();
    let sessions = sessions_of(open)?;
    let session = sessions.iter().find(|session| session.key.public_id() == id);
    let session = session.ok_or(EndSessionError::Unknown)?;
    if open.record().is_some_and(|record| record.key == session.key) {
        super::sign_out(open)?;
    } else {
        Arc::clone(&open.core).sessions.delete(session)?;
    }
    open.note(&user, EventKind::SessionEnded);
    Ok(())
}

/// Ends all other sessions of whoever is signed in; this one goes on under a new token.
///
/// # Errors
/// Any [`EndSessionError`].
pub fn end_other_sessions(open: &mut OpenSession) -> Result<(), EndSessionError> {
    let proved = open.account().ok_or(EndSessionError::NotSignedIn)?.clone();
    let changed = change_user(&open.core, proved.id, |user| {
        let holds = user.admits(proved.epoch);
        holds.then(|| User::in_next_epoch(user))
    })?;
    let changed = changed.ok_or_else(|| EndSessionError::Session(open.ended()))?;
    open.note(&changed, EventKind::OtherSessionsEnded);
    Ok(open.follow_epoch(&changed)?)
}
