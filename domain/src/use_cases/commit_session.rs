//! Commits a request's changes by compare-and-swap, retrying until they are written or the session is gone.

use super::open_session::{OpenSession, SessionError};
use crate::ports::{Inserted, Updated};
use crate::revision::Revision;
use crate::session::{Permanence, Session};
use crate::session_data::{DataError, SessionData};
use crate::token::SessionToken;

impl OpenSession {
    /// Commits the collected changes, and then `last`, which reads the value that it replaces.
    pub(super) fn write(
        &mut self,
        mut last: impl FnMut(&mut SessionData) -> Result<(), DataError>,
    ) -> Result<(), SessionError> {
        loop {
            let Some(record) = &self.record else {
                return self.begin(last);
            };
            let mut next = self.with_changes(record.clone());
            last(&mut next.data)?;
            next.data.check_limits()?;
            match self.core.sessions.update(&next, self.now)? {
                Updated::Done => {
                    next.revision = next.revision.next();
                    self.set_record(next);
                    return Ok(());
                }
                Updated::Stale => self.reload()?,
                Updated::Gone => return Err(self.mark_ended()),
            }
        }
    }

    /// Creates a visitor's session, unless there is nothing to keep.
    fn begin(
        &mut self,
        mut last: impl FnMut(&mut SessionData) -> Result<(), DataError>,
    ) -> Result<(), SessionError> {
        loop {
            let token = SessionToken::generate(&*self.core.entropy)?;
            let mut session = self.with_changes(self.empty_record(&token));
            last(&mut session.data)?;
            session.data.check_limits()?;
            if session.data.is_empty() {
                return Ok(());
            }
            if self.core.sessions.insert(&session)? == Inserted::Done {
                self.replace_token(token, session);
                return Ok(());
            }
        }
    }

    /// Returns the record of a visitor without values.
    pub(super) fn empty_record(&self, token: &SessionToken) -> Session {
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

    /// Returns the record with this request's changes applied.
    pub(super) fn with_changes(&self, mut session: Session) -> Session {
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

    /// Reads the record again after another request has changed it.
    pub(super) fn reload(&mut self) -> Result<(), SessionError> {
        let key = self.record.as_ref().map(|record| record.key);
        self.record = match key {
            Some(key) => self.core.sessions.find(&key, self.now)?,
            None => None,
        };
        if self.record.is_none() {
            Err(self.mark_ended())
        } else {
            Ok(())
        }
    }
}
