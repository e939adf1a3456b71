//! The session store. Each write is one statement, so it is atomic.

use std::sync::Arc;

use kunci_domain::ports::{Inserted, Rotated, SessionStore, StoreError, Touched, Updated};
use kunci_domain::{Session, SessionKey, Timestamp, UserId};
use tokio_postgres::types::ToSql;

use crate::Database;
use crate::connection::Connection;
use crate::error::PgError;
use crate::rows::{Fields, SessionRow, read_session, session_columns};

/// The sessions in a [`PostgresStore`](crate::PostgresStore).
#[derive(Debug, Clone)]
pub struct PostgresSessionStore {
    database: Arc<Database>,
}

impl PostgresSessionStore {
    pub(crate) const fn new(database: Arc<Database>) -> Self {
        Self { database }
    }
}

/// SQL for the end of a session, as the domain's `Session::expires_at` computes it. Sums are decimals, because
/// they may exceed 64 bits.
macro_rules! end {
    ($last_seen_at:literal, $idle:literal, $absolute:literal) => {
        concat!(
            "CAST(LEAST(CAST(",
            $last_seen_at,
            " AS DECIMAL) + CAST(",
            $idle,
            " AS DECIMAL), CAST(created_at AS DECIMAL) + CAST(",
            $absolute,
            " AS DECIMAL), CAST(9223372036854775807 AS DECIMAL)) AS BIGINT)"
        )
    };
}

impl SessionStore for PostgresSessionStore {
    fn insert(&self, session: &Session) -> Result<Inserted, StoreError> {
        const SQL: &str = concat!(
            "INSERT INTO kunci_sessions (",
            session_columns!(),
            ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, \
             $20, $21, $22)"
        );
        let row = SessionRow::of(session)?;
        self.database
            .write(|connection| match connection.execute(SQL, &row.columns()) {
                Ok(_) => Ok(Inserted::Done),
                Err(error) if error.taken().is_some() => Ok(Inserted::Collision),
                Err(error) => Err(error),
            })
    }

    fn find(&self, key: &SessionKey, now: Timestamp) -> Result<Option<Session>, StoreError> {
        const SQL: &str = concat!(
            "SELECT ",
            session_columns!(),
            " FROM kunci_sessions WHERE key = $1 AND $2 < expires_at"
        );
        let (key, now) = (&key.as_bytes()[..], now.unix_millis());
        self.database.read(|connection| {
            let row = connection.query_first(SQL, &[&key, &now])?;
            row.map(|row| read_session(&mut Fields::of(&row))).transpose()
        })
    }

    fn update(&self, session: &Session, now: Timestamp) -> Result<Updated, StoreError> {
        const SQL: &str = concat!(
            "UPDATE kunci_sessions SET data = $4, permanent = $5, idle_millis = $6::BIGINT, \
             absolute_millis = $7::BIGINT, user_agent = $8, address = $9, \
             last_seen_at = GREATEST(last_seen_at, $10::BIGINT), expires_at = ",
            end!("GREATEST(last_seen_at, $10::BIGINT)", "$6::BIGINT", "$7::BIGINT"),
            ", enrolment = $11, notices = $12, revision = revision + 1 \
             WHERE key = $1 AND revision = $2 AND $3 < expires_at"
        );
        let (row, now) = (SessionRow::of(session)?, now.unix_millis());
        let values: [&(dyn ToSql + Sync); 12] = [
            &row.key,
            &row.revision,
            &now,
            &row.data,
            &row.permanent,
            &row.idle_millis,
            &row.absolute_millis,
            &row.user_agent,
            &row.address,
            &row.last_seen_at,
            &row.enrolment,
            &row.notices,
        ];
        self.database
            .write(|connection| match connection.execute(SQL, &values)? {
                0 => Ok(live_revision(connection, row.key, now)?.map_or(Updated::Gone, |_| Updated::Stale)),
                _ => Ok(Updated::Done),
            })
    }

    fn touch(&self, key: &SessionKey, now: Timestamp) -> Result<Touched, StoreError> {
        const SQL: &str = concat!(
            "UPDATE kunci_sessions SET last_seen_at = $2::BIGINT, expires_at = ",
            end!("$2::BIGINT", "idle_millis", "absolute_millis"),
            " WHERE key = $1 AND $2::BIGINT < expires_at AND last_seen_at < $2::BIGINT"
        );
        let (key, now) = (&key.as_bytes()[..], now.unix_millis());
        self.database
            .write(|connection| match connection.execute(SQL, &[&key, &now])? {
                0 => Ok(live_revision(connection, key, now)?.map_or(Touched::Gone, |_| Touched::Done)),
                _ => Ok(Touched::Done),
            })
    }

    fn rotate(&self, old: &Session, new: &Session, now: Timestamp) -> Result<Rotated, StoreError> {
        const SQL: &str = concat!(
            "UPDATE kunci_sessions SET (",
            session_columns!(),
            ") = ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, \
             $21, $22) WHERE key = $23 AND key <> $1 AND revision = $24 AND $25 < expires_at"
        );
        let (row, now) = (SessionRow::of(new)?, now.unix_millis());
        let (key, revision) = (&old.key.as_bytes()[..], old.revision.as_i64());
        let conditions: [&(dyn ToSql + Sync); 3] = [&key, &revision, &now];
        let values = [&row.columns()[..], &conditions].concat();
        self.database
            .write(|connection| match connection.execute(SQL, &values) {
                Ok(0) => Ok(match live_revision(connection, key, now)? {
                    None => Rotated::Gone,
                    Some(found) if found != revision => Rotated::Stale,
                    Some(_) => Rotated::Collision,
                }),
                Ok(_) => Ok(Rotated::Done),
                Err(error) if error.taken().is_some() => Ok(Rotated::Collision),
                Err(error) => Err(error),
            })
    }

    fn delete(&self, session: &Session) -> Result<bool, StoreError> {
        // If a rotation holds the lock of the row, the conditions are checked again with its result.
        const SQL: &str = "DELETE FROM kunci_sessions WHERE key = $1 OR origin = $2 OR previous = $1";
        let (key, first) = (&session.key.as_bytes()[..], &session.first_key().as_bytes()[..]);
        self.database
            .write(|connection| Ok(0 < connection.execute(SQL, &[&key, &first])?))
    }

    fn delete_all_of(&self, user: UserId) -> Result<u64, StoreError> {
        const SQL: &str = "DELETE FROM kunci_sessions WHERE user_id = $1";
        self.database
            .write(|connection| connection.execute(SQL, &[&user.as_i64()]))
    }

    fn purge_expired(&self, now: Timestamp, limit: u32) -> Result<u64, StoreError> {
        // The last condition is checked again if a session was extended in the meantime.
        const SQL: &str = "DELETE FROM kunci_sessions WHERE key IN (
            SELECT key FROM kunci_sessions WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2
        ) AND expires_at <= $1";
        let (now, limit) = (now.unix_millis(), i64::from(limit));
        self.database
            .write(|connection| connection.execute(SQL, &[&now, &limit]))
    }

    fn list(
        &self,
        user: Option<UserId>,
        after: Option<&SessionKey>,
        limit: u32,
        now: Timestamp,
    ) -> Result<Vec<Session>, StoreError> {
        const ALL: &str = concat!(
            "SELECT ",
            session_columns!(),
            " FROM kunci_sessions WHERE $1 < key AND $2 < expires_at ORDER BY key LIMIT $3"
        );
        const OF_ONE_USER: &str = concat!(
            "SELECT ",
            session_columns!(),
            " FROM kunci_sessions WHERE $1 < key AND $2 < expires_at AND user_id = $4 ORDER BY key LIMIT $3"
        );
        // No key is empty, so the empty one comes before all of them.
        let after: &[u8] = after.map_or(&[], |key| key.as_bytes());
        let (now, limit) = (now.unix_millis(), i64::from(limit));
        self.database.read(|connection| {
            let rows = match user {
                Some(user) => connection.query(OF_ONE_USER, &[&after, &now, &limit, &user.as_i64()])?,
                None => connection.query(ALL, &[&after, &now, &limit])?,
            };
            rows.iter()
                .map(|row| read_session(&mut Fields::of(row)))
                .collect()
        })
    }
}

/// Returns the revision of a live session, to find out why a write changed nothing.
fn live_revision(connection: &mut Connection, key: &[u8], now: i64) -> Result<Option<i64>, PgError> {
    const SQL: &str = "SELECT revision FROM kunci_sessions WHERE key = $1 AND $2 < expires_at";
    let row = connection.query_first(SQL, &[&key, &now])?;
    row.map(|row| Fields::of(&row).read()).transpose()
}
