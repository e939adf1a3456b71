//! Keeps the row cache valid after writes. It runs on the writer thread.

use std::sync::Arc;

use rusqlite::Connection;

use super::{RowCache, RowId};
use crate::error::SqliteError;

/// Moves the row cache to each new state of the database.
pub(crate) struct CacheUpdater {
    cache: Arc<RowCache>,
    /// SQLite's counter of commits by other connections, as last seen.
    data_version: i64,
}

impl CacheUpdater {
    /// Creates the updater for `writer`, the only connection of this store that writes.
    ///
    /// SQLite reports each row that `writer` inserts, updates or deletes. It does not report a row's former
    /// id when the id changes, rows that a `REPLACE` removes, or a `DELETE` without `WHERE`. This crate has
    /// only the first case, and calls [`RowCache::note_change`] there.
    pub(crate) fn new(cache: Arc<RowCache>, writer: &mut Connection) -> Result<Self, SqliteError> {
        let noting = Arc::clone(&cache);
        writer.update_hook(Some(move |_, _: &str, table: &str, id| match table {
            "sessions" => noting.note_change(RowId::Session(id)),
            "users" => noting.note_change(RowId::User(id)),
            _ => {}
        }))?;
        let data_version = data_version(writer)?;
        Ok(Self { cache, data_version })
    }

    /// Moves the cache to the newest state of the database. Must not be called within a transaction.
    ///
    /// It reads the state first, and then whether other connections have written. If they have not, the noted
    /// changes are all that happened up to that state. If they have, their write may be newer than the state,
    /// so the cache stays empty until the next call.
    pub(crate) fn catch_up(&mut self, writer: &Connection) {
        let changed = self.cache.take_changed();
        let newest = self.cache.database_state();
        if newest == self.cache.cached().state {
            return;
        }
        let is_external = self.has_external_writes(writer).unwrap_or(true);
        self.cache.advance(newest.filter(|_| !is_external), &changed);
    }

    /// Returns whether other connections have written since the last call.
    fn has_external_writes(&mut self, writer: &Connection) -> Result<bool, SqliteError> {
        let last = self.data_version;
        self.data_version = data_version(writer)?;
        Ok(self.data_version != last)
    }
}

/// Returns a number that changes when another connection commits.
fn data_version(connection: &Connection) -> Result<i64, SqliteError> {
    let sql = "PRAGMA data_version";
    Ok(connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}
