//! The store of one-time tokens. Each write changes rows with one statement, so it is atomic.

use std::sync::Arc;

use kunci_domain::ports::{Inserted, StoreError, TokenStore};
use kunci_domain::{LinkKey, OneTimeToken, Purpose, Timestamp, UserId};
use rusqlite::{Connection, OptionalExtension, params};

use crate::Database;
use crate::error::{SqliteError, Violation, violation};
use crate::rows::{TokenRow, read_token, token_columns};

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

/// Inserts a token, or replaces the earlier token of the same account and purpose.
///
/// If the key exists, the primary key refuses it. If it is the key of the replaced token, the last line does.
const ISSUE: &str = concat!(
    "INSERT INTO tokens (",
    token_columns!(),
    ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ",
    "ON CONFLICT (user_id, purpose) WHERE user_id IS NOT NULL DO UPDATE SET (",
    token_columns!(),
    ") = (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ",
    "WHERE key <> ?1"
);

pub(crate) const LIST: &str = concat!(
    "SELECT ",
    token_columns!(),
    " FROM tokens WHERE purpose = ?1 AND ?2 < key AND 0 < uses_left AND ?3 < expires_at ORDER BY key LIMIT ?4"
);

pub(crate) const VOID_ALL_OF: &str = "DELETE FROM tokens WHERE user_id = ?1";

pub(crate) const PURGE: &str = "DELETE FROM tokens WHERE key IN (
    SELECT key FROM tokens WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2
)";

impl TokenStore for SqliteTokenStore {
    fn issue(&self, token: &OneTimeToken) -> Result<Inserted, StoreError> {
        let row = TokenRow::of(token);
        self.database.write(move |connection| {
            match connection.prepare_cached(ISSUE)?.execute(&row.columns()[..]) {
                Ok(0) => Ok(Inserted::Collision),
                Ok(_) => Ok(Inserted::Done),
                Err(error) if matches!(violation(&error), Some(Violation::Id)) => Ok(Inserted::Collision),
                Err(error) => Err(error.into()),
            }
        })
    }

    fn find(&self, key: &LinkKey, now: Timestamp) -> Result<Option<OneTimeToken>, StoreError> {
        self.database.read(|connection| find(connection, key, now))
    }

    fn spend(
        &self,
        key: &LinkKey,
        purpose: Purpose,
        now: Timestamp,
    ) -> Result<Option<OneTimeToken>, StoreError> {
        const SQL: &str = "UPDATE tokens SET uses_left = uses_left - 1 WHERE key = ?1";
        let key = *key;
        self.database.write(move |connection| {
            // The row is read first, so that an invalid row loses no use. The transaction holds the write
            // lock from its start, so no other write can come between.
            let found = find(connection, &key, now)?.filter(|token| token.purpose == purpose);
            if found.is_some() {
                connection.prepare_cached(SQL)?.execute([key.as_bytes()])?;
            }
            Ok(found)
        })
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
        self.database.write(move |connection| {
            let removed = connection.prepare_cached(VOID_ALL_OF)?.execute([user.as_i64()])?;
            Ok(removed as u64)
        })
    }

    fn list(
        &self,
        purpose: Purpose,
        after: Option<&LinkKey>,
        limit: u32,
        now: Timestamp,
    ) -> Result<Vec<OneTimeToken>, StoreError> {
        // No key is empty, so the empty one comes before all of them.
        let after: &[u8] = after.map_or(&[], |key| key.as_bytes());
        self.database.read(|connection| {
            let mut statement = connection.prepare_cached(LIST)?;
            let mut found = statement.query(params![purpose.as_str(), after, now.unix_millis(), limit])?;
            let mut tokens = Vec::new();
            while let Some(row) = found.next()? {
                tokens.push(read_token(row)?);
            }
            Ok(tokens)
        })
    }

    fn purge_expired(&self, now: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let now = now.unix_millis();
        self.database.write(move |connection| {
            let removed = connection
                .prepare_cached(PURGE)?
                .execute([now, i64::from(limit)])?;
            Ok(removed as u64)
        })
    }
}

/// Returns the token with a key, if it is live.
fn find(connection: &Connection, key: &LinkKey, now: Timestamp) -> Result<Option<OneTimeToken>, SqliteError> {
    const SQL: &str = concat!("SELECT ", token_columns!(), " FROM tokens WHERE key = ?1");
    let mut statement = connection.prepare_cached(SQL)?;
    let mut found = statement.query([key.as_bytes()])?;
    let token = found.next()?.map(read_token).transpose()?;
    Ok(token.filter(|token| token.is_live(now)))
}
