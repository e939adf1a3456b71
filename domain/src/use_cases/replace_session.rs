//! A session under a new token: at sign-in, after a change of password, and whenever an application asks.

use super::open_session::{OpenSession, SessionError};
use crate::ports::{Inserted, Rotated};
use crate::revision::Revision;
use crate::session::{Authentication, Permanence, Session};
use crate::session_data::SessionData;
use crate::token::SessionToken;
use crate::user::User;

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
        if self
            .record
            .as_ref()
            .and_then(Session::user)
            .is_some_and(|id| id != user.id)
        {
            self.drop_changes();
        }
        while !self.try_as(user, permanence)? {}
        Ok(())
    }

    /// Goes on with this session under a new token, for `user` as it is now (OWASP ASVS 5.0, 7.4.3).
    ///
    /// It only ever replaces a session: one that was signed out meanwhile stays ended.
    pub(super) fn continue_as(&mut self, user: &User) -> Result<(), SessionError> {
        while let Some(permanence) = self.record().map(|record| record.permanence) {
            if self.try_as(user, permanence)? {
                return Ok(());
            }
        }
        Err(self.ended())
    }

    /// Tries to put a session of `user` in the place of this one; `false` means: try again.
    fn try_as(&mut self, user: &User, permanence: Permanence) -> Result<bool, SessionError> {
        let token = SessionToken::generate(&*self.core.entropy)?;
        let new = self.signed_in(&token, user, permanence);
        new.data.check_limits()?;
        let done = self.put(&new)?;
        if done {
            self.hand_over(token, new);
            self.user = Some(user.clone());
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
            self.user = None;
        }
        Ok(false)
    }

    fn signed_in(&self, token: &SessionToken, user: &User, permanence: Permanence) -> Session {
        let data = match &self.record {
            Some(old) if old.user().is_none_or(|id| id == user.id) => old.data.clone(),
            _ => SessionData::default(),
        };
        let blank = Session {
            key: token.key(),
            origin: self.record.as_ref().map(|old| *old.first_key()),
            authentication: Some(Authentication::of(user, self.now)),
            data,
            created_at: self.now,
            last_seen_at: self.now,
            lifetime: self.core.policy.lifetime(permanence),
            permanence,
            device: self.device.clone(),
            revision: Revision::FIRST,
        };
        self.edited(blank)
    }
}
