//! When the write-ahead log is moved into the file, and how much of it at a time.
//!
//! SQLite moves everything at once and has the disk keep it, which takes the longer the more it is. Some disks
//! serve no read meanwhile, so that whoever reads what is not in memory waits as long. Hence a log is moved in
//! small portions, unless so many wait for their writes that nobody would have the time.
//!
//! Left out: how it is moved, and when a log begins anew, which is SQLite's part.

use rusqlite::Connection;

use crate::anchor::Anchor;
use crate::error::SqliteError;

/// The length from which a log is moved in any case, in pages of 4 KiB.
const LONGEST: i64 = 4_000;

/// How much of it is moved at a time while nobody has to queue, in such pages.
const PORTION: i64 = 100;

/// Moves the log into the file when that is due. Whoever waited has been answered before.
///
/// `waited` is how many waited for the writes of the last transaction.
pub(super) fn keep_short(connection: &Connection, anchor: &Anchor, waited: usize) {
    let moved = Log::look(connection, "NOOP").and_then(|log| {
        if log.is_due(waited) {
            anchor.let_go();
            Log::look(connection, "PASSIVE")?;
        }
        Ok(())
    });
    if let Err(error) = moved {
        tracing::warn!(%error, "the log of the database cannot be moved into its file");
    }
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

    /// What was moved already counts only in a log that is long: while somebody reads from one, it cannot
    /// begin anew, and moving each little that is added would make every write wait for the disk twice.
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
}
