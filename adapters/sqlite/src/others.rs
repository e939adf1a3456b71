//! Whether another connection has written to the database. Left out: what it wrote.

use rusqlite::Connection;

use crate::error::SqliteError;

/// A number that changes when others write, as it was last seen.
#[derive(Debug, Default)]
pub(crate) struct Others(Option<i64>);

impl Others {
    /// Whether any but `connection`, always the same one, have written since the last time this was asked;
    /// the first time, no.
    pub(crate) fn have_written(&mut self, connection: &Connection) -> Result<bool, SqliteError> {
        let sql = "PRAGMA data_version";
        let seen: i64 = connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
        Ok(self.0.replace(seen).is_some_and(|last| last != seen))
    }
}
