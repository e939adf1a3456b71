//! Keeps what is hot up with the database, for the thread that writes.
//!
//! Left out: when to do so, which is after each transaction and before anybody is told of it, and now and
//! then while nothing is written.

use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;

use super::{Hot, RowId};
use crate::error::SqliteError;
use crate::others::Others;
use crate::wal_index::State;

/// The rows that change in the transaction which is being written.
#[derive(Debug, Clone, Default)]
pub(crate) struct Changes(Arc<Mutex<Vec<RowId>>>);

impl Changes {
    /// Notes a row that SQLite does not tell of: one that is moved to another id.
    pub(crate) fn note(&self, id: RowId) {
        self.lock().push(id);
    }

    /// Has SQLite tell of each row that is inserted, updated or deleted. It does not tell of rows that a
    /// `REPLACE` removes, nor of a `DELETE` without `WHERE`; this crate has neither.
    fn watch(&self, connection: &mut Connection) -> Result<(), SqliteError> {
        let changes = self.clone();
        connection.update_hook(Some(move |_, _: &str, table: &str, id| match table {
            "sessions" => changes.note(RowId::Session(id)),
            "users" => changes.note(RowId::User(id)),
            _ => {}
        }))?;
        Ok(())
    }

    fn take(&self) -> Vec<RowId> {
        mem::take(&mut self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Vec<RowId>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Keeps it up.
pub(crate) struct Keeper {
    hot: Arc<Hot>,
    changes: Changes,
    others: Others,
    /// The state that what is hot belongs to.
    reached: Option<State>,
}

impl Keeper {
    /// For `writer`, the only connection of this process that writes.
    pub(crate) fn new(hot: Arc<Hot>, changes: Changes, writer: &mut Connection) -> Result<Self, SqliteError> {
        changes.watch(writer)?;
        let mut others = Others::default();
        others.have_written(writer)?;
        Ok(Self {
            hot,
            changes,
            others,
            reached: None,
        })
    }

    /// Goes on to the newest state. Must not be called within a transaction.
    ///
    /// The state is read first, and then whether others have written: if they have not, all that lies
    /// between is known from `changes`. If they have, then perhaps after the state was read. So nothing is
    /// kept until this is called again.
    pub(crate) fn catch_up(&mut self, writer: &Connection) {
        let changed = self.changes.take();
        let newest = self.hot.state();
        if newest == self.reached {
            return;
        }
        let others = self.others.have_written(writer).unwrap_or(true);
        self.reached = newest.filter(|_| !others);
        self.hot.go_on(self.reached, &changed);
    }
}
