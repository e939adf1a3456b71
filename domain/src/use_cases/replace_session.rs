//! A session under a new token: at sign-in, after a change of password, and whenever an application asks.

use super::open_session::{OpenSession, SessionError};
use super::standing::PendingSignIn;
use crate::ports::{Inserted, Rotated};
use crate::revision::Revision;
use crate::session::{Authentication, Permanence, Session};
use crate::session_data::SessionData;
use crate::token::SessionToken;
use crate::user::{User, UserId};

impl OpenSession {
    /// Gives the session a new token, keeping everything in it. The old token is dead afterwards.
    ///
    /// # Errors
    /// Any [`SessionError`]; then the old token stays as it was, unless the session has ended.
    pub fn rotate(&mut self) -> Result<(), SessionError> {
        while let Some(old) = &self.record {
            let token = SessionToken::generate(&*self.core.entropy)?;
            let new = Session {
                key: token.key(),
                origin: Some(*old.first_key()),
                revision: Revision::FIRST,
                ..self.edited(old.clone())
            };
            new.data.check_limits()?;
            match self.core.sessions.rotate(old, &new, self.now)? {
                Rotated::Done => {
                    self.hand_over(token, new);
                    return Ok(());
                }
                Rotated::Stale => self.reload()?,
                Rotated::Collision => {}
                Rotated::Gone => return Err(self.ended()),
            }
        }
        Ok(())
    }

    /// Begins a session in which `user` is signed in (OWASP ASVS 5.0, 7.2.4).
    ///
    /// What a visitor put into the session before is kept; what another user put there is not.
    pub(super) fn establish(&mut self, user: &User, permanence: Permanence) -> Result<(), SessionError> {
        self.begin_as(user, Stage::SignedIn(permanence))
    }

    /// Begins a session in which `user` has yet to enter a code: nobody is signed in.
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
        if self.owner().is_some_and(|id| id != user.id) {
            self.drop_changes();
        }
        while !self.try_as(user, stage)? {}
        Ok(())
    }

    /// Goes on with this session under a new token, for `user` as it is now (OWASP ASVS 5.0, 7.4.3).
    ///
    /// It only ever replaces a session: one that was signed out meanwhile stays ended.
    pub(super) fn continue_as(&mut self, user: &User) -> Result<(), SessionError> {
        while let Some(permanence) = self.record().map(|record| record.permanence) {
            if self.try_as(user, Stage::SignedIn(permanence))? {
                return Ok(());
            }
        }
        Err(self.ended())
    }

    /// Goes on with this session under a new token and in the user's present epoch, where nobody has proved
    /// anything: it lives no longer by it, and the last proof becomes no fresher.
    pub(super) fn follow_epoch(&mut self, user: &User) -> Result<(), SessionError> {
        while self.record.is_some() {
            if self.try_as(user, Stage::Followed)? {
                return Ok(());
            }
        }
        Err(self.ended())
    }

    /// Tries to put a session of `user` in the place of this one; `false` means: try again.
    fn try_as(&mut self, user: &User, stage: Stage) -> Result<bool, SessionError> {
        let token = SessionToken::generate(&*self.core.entropy)?;
        let new = self.successor(&token, user, stage);
        new.data.check_limits()?;
        let done = self.put(&new)?;
        if done {
            self.hand_over(token, new);
            (self.user, self.enrolling) = (None, None);
            if !matches!(stage, Stage::Pending(_)) {
                self.admit(user.clone());
            }
        }
        Ok(done)
    }

    /// Puts `new` in the place of the session that there was, if any; `false` means: make another and try again.
    fn put(&mut self, new: &Session) -> Result<bool, SessionError> {
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
            // The session has ended meanwhile; until another has begun, nobody is signed in.
            (self.user, self.enrolling) = (None, None);
        }
        Ok(false)
    }

    /// The session that is to take the place of this one.
    fn successor(&self, token: &SessionToken, user: &User, stage: Stage) -> Session {
        let mut session = match (stage, &self.record) {
            (Stage::Followed, Some(old)) => followed(old, user),
            (Stage::Followed, None) => self.blank(token),
            (Stage::SignedIn(permanence), _) => Session {
                authentication: Some(Authentication::of(user, self.now)),
                data: self.data_for(user),
                permanence,
                lifetime: self.core.policy.lifetime(permanence),
                ..self.blank(token)
            },
            (Stage::Pending(_), _) => Session {
                data: self.data_for(user),
                ..self.blank(token)
            },
        };
        session = self.edited(session);
        if !matches!(stage, Stage::Followed) {
            // What waited for a code waits no longer.
            session.data.remove(SessionData::PENDING);
            session.data.remove(SessionData::ENROLMENT);
        }
        session.key = token.key();
        session.origin = self.record.as_ref().map(|old| *old.first_key());
        session.revision = Revision::FIRST;
        if let Stage::Pending(pending) = stage {
            pending.keep(&mut session.data);
        }
        session
    }

    /// What goes along into a session of `user`.
    fn data_for(&self, user: &User) -> SessionData {
        match &self.record {
            Some(old) if self.owner().is_none_or(|id| id == user.id) => old.data.clone(),
            _ => SessionData::default(),
        }
    }

    /// Whose values this session holds: those of who is signed in, or was about to be.
    fn owner(&self) -> Option<UserId> {
        let record = self.record.as_ref()?;
        let begun = || PendingSignIn::of(&record.data).map(|pending| pending.user);
        record.user().or_else(begun)
    }
}

/// The same session in the user's present epoch.
fn followed(old: &Session, user: &User) -> Session {
    Session {
        authentication: old.authentication.map(|proof| Authentication {
            epoch: user.epoch,
            ..proof
        }),
        ..old.clone()
    }
}

/// How far the user of the next session has come.
#[derive(Clone, Copy)]
enum Stage {
    /// They have just proved who they are.
    SignedIn(Permanence),
    /// They have yet to enter a code.
    Pending(PendingSignIn),
    /// They are as far as they were.
    Followed,
}
