//! The record of a session, with the changes that a request has not committed yet.

use crate::notices::Notices;
use crate::session::Session;
use crate::session_data::{Change, DataError, SessionData};
use crate::session_policy::{Permanence, SessionPolicy};
use crate::time::Timestamp;

/// The record of a session, with the changes that this request has not committed yet.
///
/// The changes are collected, so that they can be applied again to a record that another request has changed.
#[derive(Debug, Default)]
pub(super) struct Draft {
    record: Option<Session>,
    changes: Vec<Change>,
    /// The values of the record with the changes applied. Without changes, this is unused.
    data: SessionData,
    /// The notices of the record with the changes applied. Without changes, this is unused.
    notices: Notices,
    permanence: Option<Permanence>,
}

impl Draft {
    /// Returns the draft of a record that was read or committed just now.
    pub(super) fn of(record: Session) -> Self {
        Self {
            record: Some(record),
            ..Self::default()
        }
    }

    /// Returns the record as it was read or last committed.
    pub(super) const fn record(&self) -> Option<&Session> {
        self.record.as_ref()
    }

    /// Replaces the record by a newer version of it, or by none, and keeps the changes.
    pub(super) fn rebase(&mut self, record: Option<Session>) {
        self.record = record;
    }

    /// Returns the values, including the uncommitted changes.
    pub(super) fn data(&self) -> &SessionData {
        match &self.record {
            Some(record) if self.changes.is_empty() => &record.data,
            _ => &self.data,
        }
    }

    /// Returns the notices, including the uncommitted changes.
    pub(super) fn notices(&self) -> &Notices {
        match &self.record {
            Some(record) if self.changes.is_empty() => &record.notices,
            _ => &self.notices,
        }
    }

    /// Adds a change.
    ///
    /// # Errors
    /// [`DataError`] if the values would exceed a limit; the change is then not added.
    pub(super) fn change(&mut self, change: Change) -> Result<(), DataError> {
        let (mut data, mut notices) = (self.data().clone(), self.notices().clone());
        change.apply(&mut data, &mut notices);
        data.check_limits()?;
        (self.data, self.notices) = (data, notices);
        self.changes.push(change);
        Ok(())
    }

    /// Sets the permanence of the session, and thereby its lifetime.
    pub(super) const fn set_permanence(&mut self, permanence: Permanence) {
        self.permanence = Some(permanence);
    }

    /// Returns whether there are changes to commit.
    pub(super) fn is_changed(&self) -> bool {
        !self.changes.is_empty() || self.permanence.is_some()
    }

    /// Discards the changes.
    pub(super) fn drop_changes(&mut self) {
        *self = Self {
            record: self.record.take(),
            ..Self::default()
        };
    }

    /// Returns `session` with the changes applied.
    pub(super) fn apply_to(&self, mut session: Session, policy: &SessionPolicy, now: Timestamp) -> Session {
        for change in &self.changes {
            change.apply(&mut session.data, &mut session.notices);
        }
        if let Some(permanence) = self.permanence {
            session.permanence = permanence;
            session.lifetime = policy.lifetime(permanence);
        }
        session.see(now);
        session
    }
}
