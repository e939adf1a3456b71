//! The store of one-time tokens. Each write changes rows with one statement, so it is atomic.

use std::sync::Arc;

use kunci_domain::ports::{Inserted, StoreError, TokenStore};
use kunci_domain::{LinkKey, OneTimeToken, Purpose, Timestamp, UserId};
use rusqlite::{OptionalExtension, params};

use crate::Database;
use crate::accounts::links;

/// The one-time tokens in a [`SqliteStore`](crate::SqliteStore).
#[derive(Debug, Clone)]
pub struct SqliteTokenStore {
    database: Arc<Database>,
}

impl SqliteTokenStore {
    pub(crate) const fn new(database: Arc<Database>) -> Self {
        Self { database }
    }
}

impl TokenStore for SqliteTokenStore {
    fn issue(&self, token: &OneTimeToken) -> Result<Inserted, StoreError> {
        let token = token.clone();
        let is_new = self
            .database
            .write(move |connection| links::issue(connection, &token))?;
        Ok(if is_new {
            Inserted::Done
        } else {
            Inserted::Collision
        })
    }

    fn find(&self, key: &LinkKey, now: Timestamp) -> Result<Option<OneTimeToken>, StoreError> {
        self.database.read(|connection| links::find(connection, key, now))
    }

    fn spend(
        &self,
        key: &LinkKey,
        purpose: Purpose,
        now: Timestamp,
    ) -> Result<Option<OneTimeToken>, StoreError> {
        let key = *key;
        self.database
            .write(move |connection| links::spend(connection, &key, purpose, now))
    }

    fn give_back(&self, key: &LinkKey, now: Timestamp) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE tokens SET uses_left = uses_left + 1
            WHERE key = ?1 AND uses_left < uses AND ?2 < expires_at";
        let (key, now) = (*key, now.unix_millis());
        self.database.write(move |connection| {
            connection
                .prepare_cached(SQL)?
                .execute(params![key.as_bytes(), now])?;
            Ok(())
        })
    }

    fn void(&self, key: &LinkKey, now: Timestamp) -> Result<bool, StoreError> {
        const SQL: &str = "DELETE FROM tokens WHERE key = ?1 RETURNING 0 < uses_left AND ?2 < expires_at";
        let (key, now) = (*key, now.unix_millis());
        self.database.write(move |connection| {
            let mut statement = connection.prepare_cached(SQL)?;
            let was_live = statement.query_row(params![key.as_bytes(), now], |row| row.get(0));
            Ok(was_live.optional()?.unwrap_or(false))
        })
    }

    fn void_all_of(&self, user: UserId) -> Result<u64, StoreError> {
        self.database
            .write(move |connection| links::revoke_all_of(connection, user))
    }

    fn list(
        &self,
        purpose: Purpose,
        after: Option<&LinkKey>,
        limit: u32,
        now: Timestamp,
    ) -> Result<Vec<OneTimeToken>, StoreError> {
        self.database
            .read(|connection| links::list(connection, purpose, after, limit, now))
    }

    fn purge_expired(&self, now: Timestamp, limit: u32) -> Result<u64, StoreError> {
        self.database
            .write(move |connection| links::purge_expired(connection, now, limit))
    }
}
