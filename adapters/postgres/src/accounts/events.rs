//! Reads and writes the table `kunci_events`.

use kunci_domain::{Event, Timestamp, UserId};

use crate::connection::Connection;
use crate::error::PgError;
use crate::rows::{EventRow, event_columns, read_event};

pub(crate) fn append(connection: &mut Connection, event: &Event) -> Result<(), PgError> {
    const SQL: &str = concat!(
        "INSERT INTO kunci_events (",
        event_columns!(),
        ") VALUES ($1, $2, $3, $4, $5, $6, $7)"
    );
    connection
        .execute(SQL, &EventRow::of(event).columns())
        .map(|_| ())
}

pub(crate) fn list(
    connection: &mut Connection,
    user: UserId,
    skip: u32,
    limit: u32,
) -> Result<Vec<Event>, PgError> {
    const SQL: &str = concat!(
        "SELECT ",
        event_columns!(),
        " FROM kunci_events WHERE target_id = $1 ORDER BY id DESC LIMIT $2 OFFSET $3"
    );
    let rows = connection.query(SQL, &[&user.as_i64(), &i64::from(limit), &i64::from(skip)])?;
    rows.iter().map(read_event).collect()
}

/// Deletes all events whose target is a user.
pub(crate) fn delete_all_of(connection: &mut Connection, user: UserId) -> Result<(), PgError> {
    const SQL: &str = "DELETE FROM kunci_events WHERE target_id = $1";
    connection.execute(SQL, &[&user.as_i64()]).map(|_| ())
}

/// Removes at most `limit` events from before a time and returns how many.
pub(crate) fn purge(connection: &mut Connection, before: Timestamp, limit: u32) -> Result<u64, PgError> {
    const SQL: &str = "DELETE FROM kunci_events WHERE id IN (
        SELECT id FROM kunci_events WHERE at < $1 ORDER BY at LIMIT $2
    )";
    connection.execute(SQL, &[&before.unix_millis(), &i64::from(limit)])
}
