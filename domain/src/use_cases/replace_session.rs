//! Replaces a session by one with a new token: at sign-in, after sensitive changes, and when an application
//! asks.

use super::auth_state::PendingSignIn;
use super::open_session::{OpenSession, SessionError};
use crate::ports::{Inserted, Rotated};
use crate::revision::Revision;
use crate::session::{Authentication, Permanence, Session};
use crate::session_data::SessionData;
use crate::token::SessionToken;
use crate::user::{User, UserId};

impl OpenSession {
    /// Replaces the token of the session and keeps its content. The old token is invalid afterwards.
    ///
    /// # Errors
    /// Any [`SessionError`]; the old token then stays valid, unless the session has ended.
    pub fn rotate(&mut self) -> Result<(), SessionError> {
        while let Some(old) = &self.record {
            let token = SessionToken::generate(&*self.core.entropy)?;
            let new = Session {
                key: token.key(),
                origin: Some(*old.first_key()),
                revision: Revision::FIRST,
                ..self.with_changes(old.clone())
            };
            new.data.check_limits()?;
            match self.core.sessions.rotate(old, &new, self.now)? {
                Rotated::Done => {
                    self.replace_token(token, new);
                    return Ok(());
                }
                Rotated::Stale => self.reload()?,
                Rotated::Collision => {}
                Rotated::Gone => return Err(self.mark_ended()),
            }
        }
        Ok(())
    }

    /// Begins a session in which `user` is signed in (OWASP ASVS 5.0, 7.2.4).
    ///
    /// Values of a visitor are kept; values of another user are discarded.
    pub(super) fn establish(&mut self, user: &User, permanence: Permanence) -> Result<(), SessionError> {
        self.begin_as(user, Stage::SignedIn(permanence))
    }

    /// Begins a session in which `user` must still enter a code and is not signed in yet.
    pub(super) fn establish_pending(
        &mut self,
        user: &User,
        permanence: Permanence,
    ) -> Result<(), SessionError> {
        let pending = PendingSignIn {
            user: user.id,
            epoch: user.epoch,
            at: self.now,
            permanence,
        };
        self.begin_as(user, Stage::Pending(pending))
    }

    fn begin_as(&mut self, user: &User, stage: Stage) -> Result<(), SessionError> {
        if self.data_owner().is_some_and(|id| id != user.id) {
            self.drop_changes();
        }
        while !self.try_replace(user, stage)? {}
        Ok(())
    }

    /// Continues this session under a new token with a fresh authentication of `user` (OWASP ASVS 5.0,
    /// 7.4.3).
    ///
    /// This only replaces a session: if it was signed out meanwhile, it stays ended.
    pub(super) fn continue_as(&mut self, user: &User) -> Result<(), SessionError> {
        while let Some(permanence) = self.record().map(|record| record.permanence) {
            if self.try_replace(user, Stage::SignedIn(permanence))? {
                return Ok(());
            }
        }
        Err(self.mark_ended())
    }

    /// Continues this session under a new token in the user's current epoch, without a new authentication.
    /// The lifetime and the time of the last authentication stay the same.
    pub(super) fn adopt_epoch(&mut self, user: &User) -> Result<(), SessionError> {
        while self.record.is_some() {
            if self.try_replace(user, Stage::Unchanged)? {
                return Ok(());
            }
        }
        Err(self.mark_ended())
    }

    /// Tries to replace this session by one of `user`. Returns `false` if the caller must try again.
    fn try_replace(&mut self, user: &User, stage: Stage) -> Result<bool, SessionError> {
        let token = SessionToken::generate(&*self.core.entropy)?;
        let new = self.successor(&token, user, stage);
        new.data.check_limits()?;
        let done = self.insert_or_rotate(&new)?;
        if done {
            self.replace_token(token, new);
            (self.user, self.enrolling) = (None, None);
            if !matches!(stage, Stage::Pending(_)) {
                self.admit(user.clone());
            }
        }
        Ok(done)
    }

    /// Inserts `new`, or rotates the present session to it. Returns `false` if the caller must try again with
    /// another one.
    fn insert_or_rotate(&mut self, new: &Session) -> Result<bool, SessionError> {
        let Some(old) = &self.record else {
            return Ok(self.core.sessions.insert(new)? == Inserted::Done);
        };
        let key = old.key;
        match self.core.sessions.rotate(old, new, self.now)? {
            Rotated::Done => return Ok(true),
            Rotated::Stale => self.record = self.core.sessions.find(&key, self.now)?,
            Rotated::Gone => self.record = None,
            Rotated::Collision => {}
        }
        if self.record.is_none() {
            // The session has ended meanwhile. Until the next attempt succeeds, no user is signed in.
            (self.user, self.enrolling) = (None, None);
        }
        Ok(false)
    }

    /// Returns the session that replaces this one.
    fn successor(&self, token: &SessionToken, user: &User, stage: Stage) -> Session {
        let mut session = match (stage, &self.record) {
            (Stage::Unchanged, Some(old)) => in_current_epoch(old, user),
            (Stage::Unchanged, None) => self.empty_record(token),
            (Stage::SignedIn(permanence), _) => Session {
                authentication: Some(Authentication::of(user, self.now)),
                data: self.inherited_data(user),
                permanence,
                lifetime: self.core.policy.lifetime(permanence),
                ..self.empty_record(token)
            },
            (Stage::Pending(_), _) => Session {
                data: self.inherited_data(user),
                ..self.empty_record(token)
            },
        };
        session = self.with_changes(session);
        if !matches!(stage, Stage::Unchanged) {
            // Pending steps do not survive a new authentication.
            session.data.remove(SessionData::PENDING);
            session.data.remove(SessionData::ENROLMENT);
        }
        session.key = token.key();
        session.origin = self.record.as_ref().map(|old| *old.first_key());
        session.revision = Revision::FIRST;
        if let Stage::Pending(pending) = stage {
            pending.write_to(&mut session.data);
        }
        session
    }

    /// Returns the values that a session of `user` inherits.
    fn inherited_data(&self, user: &User) -> SessionData {
        match &self.record {
            Some(old) if self.data_owner().is_none_or(|id| id == user.id) => old.data.clone(),
            _ => SessionData::default(),
        }
    }

    /// Returns the owner of the session's values: the user who is signed in or about to be.
    fn data_owner(&self) -> Option<UserId> {
        let record = self.record.as_ref()?;
        let begun = || PendingSignIn::read_from(&record.data).map(|pending| pending.user);
        record.user().or_else(begun)
    }
}

/// Returns the session in the user's current epoch.
fn in_current_epoch(old: &Session, user: &User) -> Session {
    Session {
        authentication: old.authentication.map(|proof| Authentication {
            epoch: user.epoch,
            ..proof
        }),
        ..old.clone()
    }
}

/// The stage of the next session.
#[derive(Clone, Copy)]
enum Stage {
    /// The user has just authenticated.
    SignedIn(Permanence),
    /// The user must still enter a code.
    Pending(PendingSignIn),
    /// The stage does not change.
    Unchanged,
}
