//! The session store. Each write is one statement, so it is atomic.

use std::sync::Arc;

use kunci_domain::ports::{Inserted, Rotated, SessionStore, StoreError, Touched, Updated};
use kunci_domain::{Session, SessionKey, SignInState, Timestamp, UserId};
use rusqlite::{Connection, OptionalExtension, ToSql, params};

use crate::Database;
use crate::error::{SqliteError, Violation, violation};
use crate::pending_touches::PendingTouches;
use crate::row_cache::{Row, RowId};
use crate::rows::{SessionRow, read_session, row_id, session_columns};
use crate::wal_index::DatabaseState;

/// The sessions in a [`SqliteStore`](crate::SqliteStore).
///
/// [`touch`](SessionStore::touch) returns `Done` at once and is written with the next writes. It is dropped
/// if the queue is full, or if several touches of the same session are queued.
#[derive(Debug, Clone)]
pub struct SqliteSessionStore {
    database: Arc<Database>,
    pending_touches: Arc<PendingTouches>,
}

impl SqliteSessionStore {
    pub(crate) fn new(database: Arc<Database>) -> Self {
        Self {
            database,
            pending_touches: Arc::default(),
        }
    }
}

/// Returns the live session with this key, from the cache if it is valid for `state`.
pub(crate) fn find_cached(
    database: &Database,
    state: Option<DatabaseState>,
    key: &SessionKey,
    now: Timestamp,
) -> Result<Option<Session>, StoreError> {
    const SQL: &str = concat!("SELECT ", session_columns!(), " FROM sessions WHERE id = ?1");
    let id = row_id(key);
    let found = database.read_cached(state, RowId::Session(id), |connection| {
        let mut statement = connection.prepare_cached(SQL)?;
        let mut found = statement.query([id])?;
        let session = found.next()?.map(|row| read_session(row, Some(key), now));
        Ok(session.transpose()?.flatten().map(Row::from))
    })?;
    let session = found.and_then(Row::into_session);
    Ok(session.filter(|session| session.key == *key && session.is_live(now)))
}

/// SQL for `time + millis`, saturating at the largest integer like the domain's `Timestamp::after`.
///
/// A plain sum would become a floating-point number in SQLite. Each operand appears twice in the SQL.
macro_rules! after {
    ($time:literal, $millis:literal) => {
        concat!(
            "iif(",
            $millis,
            " > 9223372036854775807 - ",
            $time,
            ", 9223372036854775807, ",
            $time,
            " + ",
            $millis,
            ")"
        )
    };
}

/// SQL for the end of a session, as the domain's `Session::expires_at` computes it.
macro_rules! end {
    ($last_seen_at:literal, $idle:literal, $absolute:literal) => {
        concat!(
            "min(",
            after!($last_seen_at, $idle),
            ", ",
            after!("created_at", $absolute),
            ")"
        )
    };
}

/// Deletes the session with a key, its successor, and every session that was rotated from the given first key.
pub(crate) const DELETE: &str =
    "DELETE FROM sessions WHERE (id = ?1 AND key = ?2) OR origin = ?3 OR previous = ?2";

impl SessionStore for SqliteSessionStore {
    fn insert(&self, session: &Session) -> Result<Inserted, StoreError> {
        const SQL: &str = concat!(
            "INSERT INTO sessions (id, ",
            session_columns!(),
            ") ",
            "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, \
             ?19, ?20, ?21, ?22, ?23)"
        );
        let row = SessionRow::of(session)?;
        let is_visitor = session.sign_in == SignInState::Visitor;
        let reserve = Arc::clone(&self.database.guards.reserve);
        self.database.write(move |connection| {
            if is_visitor {
                reserve.allow_growth()?;
            }
            match connection.prepare_cached(SQL)?.execute(&row.columns()[..]) {
                Ok(_) => Ok(Inserted::Done),
                Err(error) if id_is_taken(&error) => Ok(Inserted::Collision),
                Err(error) => Err(error.into()),
            }
        })
    }

    fn find(&self, key: &SessionKey, now: Timestamp) -> Result<Option<Session>, StoreError> {
        find_cached(&self.database, self.database.cache.database_state(), key, now)
    }

    fn update(&self, session: &Session, now: Timestamp) -> Result<Updated, StoreError> {
        const SQL: &str = concat!(
            "UPDATE sessions SET data = ?5, permanent = ?6, idle_millis = ?7, absolute_millis = ?8, ",
            "user_agent = ?9, address = ?10, last_seen_at = max(last_seen_at, ?11), expires_at = ",
            end!("max(last_seen_at, ?11)", "?7", "?8"),
            ", enrolment = ?12, notices = ?13, revision = revision + 1 ",
            "WHERE id = ?1 AND key = ?2 AND revision = ?3 AND ?4 < expires_at"
        );
        let (key, now, row) = (session.key, now.unix_millis(), SessionRow::of(session)?);
        let reserve = Arc::clone(&self.database.guards.reserve);
        self.database.write(move |connection| {
            if let Err(refusal) = reserve.allow_growth()
                && values_grow(connection, &row)?
            {
                return Err(refusal);
            }
            let values = params![
                row.id,
                row.key,
                row.revision,
                now,
                row.data,
                row.permanent,
                row.idle_millis,
                row.absolute_millis,
                row.user_agent,
                row.address,
                row.last_seen_at,
                row.enrolment,
                row.notices
            ];
            match connection.prepare_cached(SQL)?.execute(values)? {
                0 => Ok(live_revision(connection, &key, now)?.map_or(Updated::Gone, |_| Updated::Stale)),
                _ => Ok(Updated::Done),
            }
        })
    }

    fn touch(&self, key: &SessionKey, now: Timestamp) -> Result<Touched, StoreError> {
        const SQL: &str = concat!(
            "UPDATE sessions SET last_seen_at = ?3, expires_at = ",
            end!("?3", "idle_millis", "absolute_millis"),
            " WHERE id = ?1 AND key = ?2 AND ?3 < expires_at AND last_seen_at < ?3"
        );
        let now = now.unix_millis();
        if let Some(touch) = self.pending_touches.reserve(*key) {
            self.database.writer.write_later(move |connection| {
                let key = touch.key();
                connection
                    .prepare_cached(SQL)?
                    .execute(params![row_id(key), key.as_bytes(), now])?;
                Ok(())
            })?;
        }
        Ok(Touched::Done)
    }

    fn rotate(&self, old: &Session, new: &Session, now: Timestamp) -> Result<Rotated, StoreError> {
        const SQL: &str = concat!(
            "UPDATE sessions SET (id, ",
            session_columns!(),
            ") = ",
            "(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, \
             ?20, ?21, ?22, ?23) ",
            "WHERE id = ?24 AND id <> ?1 AND key = ?25 AND revision = ?26 AND ?27 < expires_at"
        );
        let (new, key, revision, now) = (
            SessionRow::of(new)?,
            old.key,
            old.revision.as_i64(),
            now.unix_millis(),
        );
        let cache = Arc::clone(&self.database.cache);
        self.database.write(move |connection| {
            let id = row_id(&key);
            cache.note_change(RowId::Session(id));
            let guards: [&dyn ToSql; 4] = [&id, key.as_bytes(), &revision, &now];
            let values = [&new.columns()[..], &guards].concat();
            match connection.prepare_cached(SQL)?.execute(&values[..]) {
                Ok(0) => Ok(match live_revision(connection, &key, now)? {
                    None => Rotated::Gone,
                    Some(found) if found != revision => Rotated::Stale,
                    Some(_) => Rotated::Collision,
                }),
                Ok(_) => Ok(Rotated::Done),
                Err(error) if id_is_taken(&error) => Ok(Rotated::Collision),
                Err(error) => Err(error.into()),
            }
        })
    }

    fn delete(&self, session: &Session) -> Result<bool, StoreError> {
        let (key, first) = (session.key, *session.first_key());
        self.database.write(move |connection| {
            let removed = connection.prepare_cached(DELETE)?.execute(params![
                row_id(&key),
                key.as_bytes(),
                first.as_bytes()
            ])?;
            Ok(0 < removed)
        })
    }

    fn delete_all_of(&self, user: UserId) -> Result<u64, StoreError> {
        const SQL: &str = "DELETE FROM sessions WHERE user_id = ?1";
        self.database.write(move |connection| {
            let removed = connection.prepare_cached(SQL)?.execute([user.as_i64()])?;
            Ok(removed as u64)
        })
    }

    fn purge_expired(&self, now: Timestamp, limit: u32) -> Result<u64, StoreError> {
        const SQL: &str = "DELETE FROM sessions WHERE id IN (
            SELECT id FROM sessions WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2
        )";
        let now = now.unix_millis();
        self.database.write(move |connection| {
            let removed = connection.prepare_cached(SQL)?.execute([now, i64::from(limit)])?;
            Ok(removed as u64)
        })
    }

    fn list(
        &self,
        user: Option<UserId>,
        after: Option<&SessionKey>,
        limit: u32,
        now: Timestamp,
    ) -> Result<Vec<Session>, StoreError> {
        const FROM: &str = concat!(
            "SELECT ",
            session_columns!(),
            " FROM sessions ",
            "WHERE ?2 <= id AND (?3 IS NULL OR ?3 < key) AND ?4 < expires_at AND "
        );
        const ALL: &str = "?1 IS NULL ORDER BY id LIMIT ?5";
        const OF_ONE_USER: &str = "user_id = ?1 ORDER BY id LIMIT ?5";
        let sql = [FROM, if user.is_some() { OF_ONE_USER } else { ALL }].concat();
        self.database.read(|connection| {
            let mut statement = connection.prepare_cached(&sql)?;
            let first_id = after.map_or(i64::MIN, row_id);
            let after = after.map(SessionKey::as_bytes);
            let user = user.map(UserId::as_i64);
            let mut found = statement.query(params![user, first_id, after, now.unix_millis(), limit])?;
            let mut sessions = Vec::new();
            while let Some(row) = found.next()? {
                sessions.extend(read_session(row, None, now)?);
            }
            Ok(sessions)
        })
    }
}

/// Returns whether a session would have larger values than it has now.
fn values_grow(connection: &Connection, row: &SessionRow) -> Result<bool, SqliteError> {
    const SQL: &str =
        "SELECT coalesce(octet_length(data), 0) < coalesce(octet_length(?2), 0) FROM sessions WHERE id = ?1";
    let mut statement = connection.prepare_cached(SQL)?;
    let grows = statement.query_row(params![row.id, row.data], |row| row.get(0));
    Ok(grows.optional()?.unwrap_or(false))
}

/// Returns the revision of a live session, to find out why a write changed nothing.
fn live_revision(connection: &Connection, key: &SessionKey, now: i64) -> Result<Option<i64>, SqliteError> {
    const SQL: &str = "SELECT revision FROM sessions WHERE id = ?1 AND key = ?2 AND ?3 < expires_at";
    let mut statement = connection.prepare_cached(SQL)?;
    let revision = statement.query_row(params![row_id(key), key.as_bytes(), now], |row| row.get(0));
    Ok(revision.optional()?)
}

/// Returns whether a session exists whose key has the same first 63 bits: most likely the same key.
fn id_is_taken(error: &rusqlite::Error) -> bool {
    matches!(violation(error), Some(Violation::Id))
}
