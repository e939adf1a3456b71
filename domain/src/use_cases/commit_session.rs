//! Commits a request's changes by compare-and-swap, retrying until they are written or the session is gone.

use super::draft::Draft;
use super::open_session::{OpenSession, SessionError};
use super::throttling::Charge;
use crate::notices::Notices;
use crate::ports::{Inserted, StoreError, Updated};
use crate::revision::Revision;
use crate::session::Session;
use crate::session_data::{DataError, SessionData};
use crate::session_policy::Permanence;
use crate::sign_in_state::SignInState;
use crate::token::SessionToken;

impl OpenSession {
    /// Commits the collected changes, and then `last`, which reads the record that it changes.
    pub(super) fn write(
        &mut self,
        mut last: impl FnMut(&mut Session) -> Result<(), DataError>,
    ) -> Result<(), SessionError> {
        loop {
            let Some(record) = self.record() else {
                return self.begin(last);
            };
            let mut next = self.with_changes(record.clone());
            last(&mut next)?;
            next.data.check_limits()?;
            let charge = self.charge_growth(Some(record), &next)?;
            match self.core().sessions.update(&next, self.now())? {
                Updated::Done => {
                    next.revision = next.revision.next();
                    self.set_record(next);
                    return Ok(());
                }
                Updated::Stale => {
                    refund(charge)?;
                    self.reload()?;
                }
                Updated::Gone => return Err(self.mark_ended()),
            }
        }
    }

    /// Creates a visitor's session, unless there is nothing to keep.
    ///
    /// If visitors store too much at present, notices are dropped: the action that they report is complete.
    fn begin(
        &mut self,
        mut last: impl FnMut(&mut Session) -> Result<(), DataError>,
    ) -> Result<(), SessionError> {
        loop {
            let token = SessionToken::generate(&*self.core().entropy)?;
            let mut session = self.with_changes(self.empty_record(&token));
            last(&mut session)?;
            session.data.check_limits()?;
            if session.data.is_empty() && session.notices.is_empty() {
                return Ok(());
            }
            let charge = match self.charge_growth(None, &session) {
                Err(SessionError::Throttled(_)) if session.data.is_empty() => return Ok(()),
                charge => charge?,
            };
            if self.core().sessions.insert(&session)? == Inserted::Done {
                self.replace_token(token, session);
                return Ok(());
            }
            refund(charge)?;
        }
    }

    /// Returns the record of a visitor without values.
    pub(super) fn empty_record(&self, token: &SessionToken) -> Session {
        Session {
            key: token.key(),
            origin: None,
            previous: None,
            sign_in: SignInState::Visitor,
            enrolment: None,
            notices: Notices::default(),
            data: SessionData::default(),
            created_at: self.now(),
            last_seen_at: self.now(),
            lifetime: self.core().policy.visitor,
            permanence: Permanence::Browser,
            device: self.context.device.clone(),
            revision: Revision::FIRST,
        }
    }

    /// Returns the record with this request's changes applied.
    pub(super) fn with_changes(&self, session: Session) -> Session {
        self.draft.apply_to(session, &self.core().policy, self.now())
    }

    /// Sets the committed record. The client needs a new cookie if the permanence has changed.
    fn set_record(&mut self, record: Session) {
        if self
            .record()
            .is_some_and(|old| old.permanence != record.permanence)
        {
            self.token.issue_again();
        }
        self.draft = Draft::of(record);
    }

    /// Reads the record again after another request has changed it.
    pub(super) fn reload(&mut self) -> Result<(), SessionError> {
        self.draft.rebase(self.read_again()?);
        if self.record().is_none() {
            Err(self.mark_ended())
        } else {
            Ok(())
        }
    }

    /// Returns the present record of this session from the store.
    pub(super) fn read_again(&self) -> Result<Option<Session>, SessionError> {
        match self.record() {
            Some(record) => Ok(self.core().sessions.find(&record.key, self.now())?),
            None => Ok(None),
        }
    }
}

/// Refunds a charge for a session that was not stored.
fn refund(charge: Option<Charge>) -> Result<(), StoreError> {
    charge.map_or(Ok(()), Charge::refund)
}
