//! When the write-ahead log is moved into the file, and how much of it at a time.
//!
//! SQLite moves everything at once and has the disk keep it, which takes the longer the more it is. Some disks
//! serve no read meanwhile, so that whoever reads what is not in memory waits as long. Hence a log is moved in
//! small portions, unless so many wait for their writes that nobody would have the time.
//!
//! Left out: how it is moved, and when a log begins anew, which is SQLite's part.

use std::mem;

use rusqlite::Connection;

use crate::anchor::Anchor;
use crate::error::SqliteError;

/// The length from which a log is moved in any case, in pages of 4 KiB.
const LONGEST: i64 = 4_000;

/// How much of it is moved at a time while nobody has to queue, in such pages.
const PORTION: i64 = 100;

/// Keeps the log short, and says so once when it cannot.
#[derive(Debug, Default)]
pub(super) struct LogKeeper {
    failing: bool,
}

impl LogKeeper {
    /// Moves the log into the file when that is due. Whoever waited has been answered before.
    ///
    /// `waited` is how many waited for the writes of the last transaction.
    pub(super) fn keep_short(&mut self, connection: &Connection, anchor: &Anchor, waited: usize) {
        let moved = move_what_is_due(connection, anchor, waited);
        let is_news = self.is_news(&moved);
        if let Err(error) = moved
            && is_news
        {
            tracing::warn!(%error, "the log of the database cannot be moved into its file");
        }
    }

    /// Whether this is the first failure since the log was last moved. On a full disk each try fails, and there
    /// are ten a second.
    const fn is_news(&mut self, moved: &Result<bool, SqliteError>) -> bool {
        match moved {
            Ok(false) => false,
            Ok(true) => {
                self.failing = false;
                false
            }
            Err(_) => !mem::replace(&mut self.failing, true),
        }
    }
}

/// Whether the log was moved: as far as readers let it.
fn move_what_is_due(connection: &Connection, anchor: &Anchor, waited: usize) -> Result<bool, SqliteError> {
    let is_due = Log::look(connection, "NOOP")?.is_due(waited);
    if is_due {
        anchor.let_go();
        Log::look(connection, "PASSIVE")?;
    }
    Ok(is_due)
}

/// A log, in pages.
#[derive(Debug, Clone, Copy)]
struct Log {
    length: i64,
    moved: i64,
}

impl Log {
    /// The log after as much of it has been moved as the mode allows.
    fn look(connection: &Connection, mode: &str) -> Result<Self, SqliteError> {
        let sql = format!("PRAGMA wal_checkpoint({mode})");
        let row = |row: &rusqlite::Row<'_>| {
            Ok(Self {
                length: row.get(1)?,
                moved: row.get(2)?,
            })
        };
        Ok(connection.prepare_cached(&sql)?.query_row([], row)?)
    }

    /// What counts is what has not been moved yet: while somebody reads from a log it cannot begin anew, and
    /// to move each little that is added then would make every write wait for the disk twice. A log that has
    /// become long in this way is moved whenever possible, so that it does begin anew.
    const fn is_due(self, waited: usize) -> bool {
        let portion = if waited <= 1 { PORTION } else { LONGEST };
        LONGEST <= self.length || portion <= self.length - self.moved
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_is_moved_in_small_portions_unless_writes_queue_up() {
        let cases = [
            // length, moved, waited, whether it is due
            (PORTION - 1, 0, 0, false),
            (PORTION, 0, 0, true),
            (PORTION, 0, 1, true),
            (PORTION, 1, 1, false),
            (2 * PORTION, PORTION, 0, true),
            (PORTION, 0, 2, false),
            (LONGEST - 1, 0, 2, false),
            (LONGEST, 0, 2, true),
            (LONGEST, LONGEST, 32, true),
        ];
        for (length, moved, waited, due) in cases {
            let log = Log { length, moved };
            assert_eq!(log.is_due(waited), due, "{log:?} when {waited} waited");
        }
    }

    #[test]
    fn a_log_that_cannot_be_moved_is_news_once_until_it_could_be() {
        let mut keeper = LogKeeper::default();
        let full = || Err(SqliteError::RolledBack);
        let steps = [
            // what came of it, whether it is news
            (Ok(false), false),
            (full(), true),
            (full(), false),
            (Ok(false), false),
            (full(), false),
            (Ok(true), false),
            (full(), true),
        ];
        for (number, (moved, news)) in steps.into_iter().enumerate() {
            assert_eq!(keeper.is_news(&moved), news, "step {number}: {moved:?}");
        }
    }
}
