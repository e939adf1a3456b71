//! Replaces a session by one with a new token: at sign-in, after sensitive changes, and when an application
//! asks.

use super::open_session::{OpenSession, SessionError};
use crate::admission::Admission;
use crate::ports::{Inserted, Rotated};
use crate::revision::Revision;
use crate::session::Session;
use crate::session_policy::Permanence;
use crate::sign_in_state::{Authentication, PendingSignIn, SignInState};
use crate::stage::Stage;
use crate::token::SessionToken;

impl OpenSession {
    /// Replaces the token of the session and keeps its content. The old token is invalid afterwards.
    ///
    /// # Errors
    /// Any [`SessionError`]; the old token then stays valid, unless the session has ended.
    pub fn rotate(&mut self) -> Result<(), SessionError> {
        while let Some(old) = self.record() {
            let token = SessionToken::generate(&*self.core().entropy)?;
            let new = Session {
                key: token.key(),
                origin: Some(*old.first_key()),
                previous: Some(old.key),
                revision: Revision::FIRST,
                ..self.with_changes(old.clone())
            };
            new.data.check_limits()?;
            match self.core().sessions.rotate(old, &new, self.now())? {
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
    /// Few and small values of a visitor are kept; values of another user are discarded.
    pub(super) fn establish(&mut self, user: &Admission, permanence: Permanence) -> Result<(), SessionError> {
        self.begin_as(user, Successor::SignedIn(permanence))
    }

    /// Begins a session in which `user` must still enter a code and is not signed in yet.
    pub(super) fn establish_pending(
        &mut self,
        user: &Admission,
        permanence: Permanence,
    ) -> Result<(), SessionError> {
        self.begin_as(user, Successor::Pending(permanence))
    }

    fn begin_as(&mut self, user: &Admission, successor: Successor) -> Result<(), SessionError> {
        if self.is_owned_by_another(user) {
            self.draft.drop_changes();
        }
        while !self.try_replace(user, successor)? {}
        Ok(())
    }

    /// Continues this session under a new token with a fresh authentication of `user` (OWASP ASVS 5.0,
    /// 7.4.3).
    ///
    /// This only replaces a session: if it was signed out meanwhile, it stays ended.
    pub(super) fn continue_as(&mut self, user: &Admission) -> Result<(), SessionError> {
        while let Some(permanence) = self.record().map(|record| record.permanence) {
            if self.try_replace(user, Successor::SignedIn(permanence))? {
                return Ok(());
            }
        }
        Err(self.mark_ended())
    }

    /// Continues this session under a new token in the user's current epoch, without a new authentication.
    /// The lifetime and the time of the last authentication stay the same.
    pub(super) fn adopt_epoch(&mut self, user: &Admission) -> Result<(), SessionError> {
        while self.record().is_some() {
            if self.try_replace(user, Successor::SameStage)? {
                return Ok(());
            }
        }
        Err(self.mark_ended())
    }

    /// Tries to replace this session by one of `user`. Returns `false` if the caller must try again.
    fn try_replace(&mut self, user: &Admission, successor: Successor) -> Result<bool, SessionError> {
        let token = SessionToken::generate(&*self.core().entropy)?;
        let new = self.successor(&token, user, successor);
        new.data.check_limits()?;
        let done = self.insert_or_rotate(&new)?;
        if done {
            self.stage = match new.sign_in {
                SignInState::Visitor => Stage::Visitor,
                SignInState::PendingSecondFactor(pending) => Stage::PendingSecondFactor(pending),
                SignInState::Complete(_) => self.core().stage_of(user.clone()),
            };
            self.replace_token(token, new);
        }
        Ok(done)
    }

    /// Inserts `new`, or rotates the present session to it. Returns `false` if the caller must try again with
    /// another one.
    fn insert_or_rotate(&mut self, new: &Session) -> Result<bool, SessionError> {
        let Some(old) = self.record() else {
            return Ok(self.core().sessions.insert(new)? == Inserted::Done);
        };
        match self.core().sessions.rotate(old, new, self.now())? {
            Rotated::Done => return Ok(true),
            Rotated::Stale => self.draft.rebase(self.read_again()?),
            Rotated::Gone => self.draft.rebase(None),
            Rotated::Collision => {}
        }
        if self.record().is_none() {
            // The session has ended meanwhile. Until the next attempt succeeds, no user is signed in.
            self.stage = Stage::Visitor;
        }
        Ok(false)
    }

    /// Returns the session that replaces this one.
    fn successor(&self, token: &SessionToken, user: &Admission, successor: Successor) -> Session {
        let first_step = Authentication::of(user, self.now());
        let session = match successor {
            Successor::SameStage => self.in_current_epoch(token, user),
            Successor::SignedIn(permanence) => Session {
                sign_in: SignInState::Complete(first_step),
                permanence,
                lifetime: self.core().policy.lifetime(permanence),
                ..self.inheriting_record(token, user)
            },
            Successor::Pending(permanence) => Session {
                sign_in: SignInState::PendingSecondFactor(PendingSignIn {
                    first_step,
                    permanence,
                }),
                lifetime: self.context.core.policy.browser,
                ..self.inheriting_record(token, user)
            },
        };
        Session {
            key: token.key(),
            origin: self.record().map(|old| *old.first_key()),
            previous: self.record().map(|old| old.key),
            revision: Revision::FIRST,
            ..self.with_changes(session)
        }
    }

    /// Returns the session in the user's current epoch.
    fn in_current_epoch(&self, token: &SessionToken, user: &Admission) -> Session {
        let mut session = self.record().cloned().unwrap_or_else(|| self.empty_record(token));
        if let SignInState::Complete(proof) = &mut session.sign_in {
            proof.epoch = user.epoch;
        }
        session
    }

    /// Returns a visitor's session with the values and notices that a session of `user` inherits.
    fn inheriting_record(&self, token: &SessionToken, user: &Admission) -> Session {
        let empty = self.empty_record(token);
        match self.record() {
            Some(old) if !self.is_owned_by_another(user) => Session {
                data: match old.sign_in {
                    SignInState::Complete(_) => old.data.clone(),
                    SignInState::Visitor | SignInState::PendingSecondFactor(_) => old.data.inheritable(),
                },
                notices: old.notices.clone(),
                ..empty
            },
            _ => empty,
        }
    }

    /// Returns whether the values of the session belong to another user, signed in or about to be.
    fn is_owned_by_another(&self, user: &Admission) -> bool {
        let owner = self.record().and_then(|record| record.sign_in.owner());
        owner.is_some_and(|owner| owner != user.id)
    }
}

/// The session that follows this one.
#[derive(Clone, Copy)]
enum Successor {
    /// The user has just authenticated.
    SignedIn(Permanence),
    /// The user must still enter a code.
    Pending(Permanence),
    /// Nothing changes but the epoch.
    SameStage,
}
