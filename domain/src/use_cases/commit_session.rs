//! Writing what a request changed: by compare-and-swap, again and again until it is written or the session is gone.

use super::open_session::{OpenSession, SessionError};
use crate::ports::{Inserted, Updated};
use crate::revision::Revision;
use crate::session::{Permanence, Session};
use crate::session_data::{DataError, SessionData};
use crate::token::SessionToken;

impl OpenSession {
    /// Commits the changes so far and one more that reads what it replaces.
    pub(super) fn write(
        &mut self,
        mut last: impl FnMut(&mut SessionData) -> Result<(), DataError>,
    ) -> Result<(), SessionError> {
        loop {
            let Some(record) = &self.record else {
                return self.begin(last);
            };
            let mut next = self.edited(record.clone());
            last(&mut next.data)?;
            next.data.check_limits()?;
            match self.core.sessions.update(&next, self.now)? {
                Updated::Done => {
                    next.revision = next.revision.next();
                    self.settle(next);
                    return Ok(());
                }
                Updated::Stale => self.reload()?,
                Updated::Gone => return Err(self.ended()),
            }
        }
    }

    /// Begins a visitor's session, unless there is nothing to keep.
    fn begin(
        &mut self,
        mut last: impl FnMut(&mut SessionData) -> Result<(), DataError>,
    ) -> Result<(), SessionError> {
        loop {
            let token = SessionToken::generate(&*self.core.entropy)?;
            let mut session = self.edited(self.blank(&token));
            last(&mut session.data)?;
            session.data.check_limits()?;
            if session.data.is_empty() {
                return Ok(());
            }
            if self.core.sessions.insert(&session)? == Inserted::Done {
                self.hand_over(token, session);
                return Ok(());
            }
        }
    }

    /// A session of a visitor who keeps nothing.
    pub(super) fn blank(&self, token: &SessionToken) -> Session {
        Session {
            key: token.key(),
            origin: None,
            authentication: None,
            data: SessionData::default(),
            created_at: self.now,
            last_seen_at: self.now,
            lifetime: self.core.policy.browser,
            permanence: Permanence::Browser,
            device: self.device.clone(),
            revision: Revision::FIRST,
        }
    }

    /// A session with this request's changes applied.
    pub(super) fn edited(&self, mut session: Session) -> Session {
        for change in &self.changes {
            change.apply(&mut session.data);
        }
        if let Some(permanence) = self.permanence {
            session.permanence = permanence;
            session.lifetime = self.core.policy.lifetime(permanence);
        }
        session.see(self.now);
        session
    }

    /// Reads the record again, after another request changed it.
    pub(super) fn reload(&mut self) -> Result<(), SessionError> {
        let key = self.record.as_ref().map(|record| record.key);
        self.record = match key {
            Some(key) => self.core.sessions.find(&key, self.now)?,
            None => None,
        };
        if self.record.is_none() {
            Err(self.ended())
        } else {
            Ok(())
        }
    }
}
