//! The audit log. Each write is one statement, so it is atomic.

use std::sync::Arc;

use kunci_domain::ports::{AuditLog, StoreError};
use kunci_domain::{Event, Timestamp, UserId};
use rusqlite::params;

use crate::Database;
use crate::rows::{EventRow, event_columns, read_event};

/// The audit log in a [`SqliteStore`](crate::SqliteStore).
#[derive(Debug, Clone)]
pub struct SqliteAuditLog {
    database: Arc<Database>,
}

impl SqliteAuditLog {
    pub(crate) const fn new(database: Arc<Database>) -> Self {
        Self { database }
    }
}

pub(crate) const LIST: &str = concat!(
    "SELECT ",
    event_columns!(),
    " FROM events WHERE user_id = ?1 ORDER BY id DESC LIMIT ?2 OFFSET ?3"
);

pub(crate) const DELETE_ALL_OF: &str = "DELETE FROM events WHERE user_id = ?1";

pub(crate) const PURGE: &str = "DELETE FROM events WHERE id IN (
    SELECT id FROM events WHERE at < ?1 ORDER BY at LIMIT ?2
)";

impl AuditLog for SqliteAuditLog {
    fn append(&self, event: &Event) -> Result<(), StoreError> {
        const SQL: &str = concat!(
            "INSERT INTO events (",
            event_columns!(),
            ") VALUES (?1, ?2, ?3, ?4, ?5)"
        );
        let row = EventRow::of(event);
        self.database.write(move |connection| {
            connection.prepare_cached(SQL)?.execute(&row.columns()[..])?;
            Ok(())
        })
    }

    fn list(&self, user: UserId, skip: u32, limit: u32) -> Result<Vec<Event>, StoreError> {
        self.database.read(|connection| {
            let mut statement = connection.prepare_cached(LIST)?;
            let mut found = statement.query(params![user.as_i64(), limit, skip])?;
            let mut events = Vec::new();
            while let Some(row) = found.next()? {
                events.push(read_event(row)?);
            }
            Ok(events)
        })
    }

    fn delete_all_of(&self, user: UserId) -> Result<u64, StoreError> {
        self.database.write(move |connection| {
            let removed = connection
                .prepare_cached(DELETE_ALL_OF)?
                .execute([user.as_i64()])?;
            Ok(removed as u64)
        })
    }

    fn purge(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let before = before.unix_millis();
        self.database.write(move |connection| {
            let removed = connection
                .prepare_cached(PURGE)?
                .execute([before, i64::from(limit)])?;
            Ok(removed as u64)
        })
    }
}
