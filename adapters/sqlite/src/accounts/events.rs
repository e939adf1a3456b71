//! Reads and writes the table `events`.

use kunci_domain::{Event, Timestamp, UserId};
use rusqlite::{Connection, params};

use crate::error::SqliteError;
use crate::rows::{EventRow, event_columns, read_event};

pub(crate) const LIST: &str = concat!(
    "SELECT ",
    event_columns!(),
    " FROM events WHERE target_id = ?1 ORDER BY id DESC LIMIT ?2 OFFSET ?3"
);

pub(crate) const DELETE_ALL_OF: &str = "DELETE FROM events WHERE target_id = ?1";

pub(crate) const PURGE: &str = "DELETE FROM events WHERE id IN (
    SELECT id FROM events WHERE at < ?1 ORDER BY at LIMIT ?2
)";

pub(crate) fn append(connection: &Connection, event: &Event) -> Result<(), SqliteError> {
    const SQL: &str = concat!(
        "INSERT INTO events (",
        event_columns!(),
        ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
    );
    let row = EventRow::of(event);
    connection.prepare_cached(SQL)?.execute(&row.columns()[..])?;
    Ok(())
}

pub(crate) fn list(
    connection: &Connection,
    user: UserId,
    skip: u32,
    limit: u32,
) -> Result<Vec<Event>, SqliteError> {
    let mut statement = connection.prepare_cached(LIST)?;
    let mut found = statement.query(params![user.as_i64(), limit, skip])?;
    let mut events = Vec::new();
    while let Some(row) = found.next()? {
        events.push(read_event(row)?);
    }
    Ok(events)
}

/// Deletes all events whose target is a user.
pub(crate) fn delete_all_of(connection: &Connection, user: UserId) -> Result<(), SqliteError> {
    connection
        .prepare_cached(DELETE_ALL_OF)?
        .execute([user.as_i64()])?;
    Ok(())
}

/// Removes at most `limit` events from before a time and returns how many.
pub(crate) fn purge(connection: &Connection, before: Timestamp, limit: u32) -> Result<u64, SqliteError> {
    let mut statement = connection.prepare_cached(PURGE)?;
    Ok(statement.execute([before.unix_millis(), i64::from(limit)])? as u64)
}
