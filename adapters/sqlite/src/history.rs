//! The audit log. Each write is one statement, so it is atomic.

use std::sync::Arc;

use kunci_domain::ports::{AuditLog, StoreError};
use kunci_domain::{Event, Timestamp, UserId};

use crate::Database;
use crate::accounts::events;

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

impl AuditLog for SqliteAuditLog {
    fn append(&self, event: &Event) -> Result<(), StoreError> {
        let event = event.clone();
        self.database
            .write(move |connection| events::append(connection, &event))
    }

    fn list(&self, user: UserId, skip: u32, limit: u32) -> Result<Vec<Event>, StoreError> {
        self.database
            .read(|connection| events::list(connection, user, skip, limit))
    }

    fn delete_all_of(&self, user: UserId) -> Result<u64, StoreError> {
        self.database
            .write(move |connection| events::delete_all_of(connection, user))
    }

    fn purge(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        self.database
            .write(move |connection| events::purge(connection, before, limit))
    }
}
