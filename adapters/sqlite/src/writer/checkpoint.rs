//! Decides when to copy the write-ahead log into the database file, and does it in small portions.
//!
//! SQLite copies everything in one checkpoint and then syncs the file, which takes longer the more there is.
//! Some disks serve no read in the meantime. The log is therefore copied in small portions, unless many
//! callers wait for their writes: copying often would then slow all of them down.

use std::mem;

use rusqlite::Connection;

use crate::error::SqliteError;

/// The length from which the log is always copied, in pages of 4 KiB.
const MAX_LENGTH: i64 = 4_000;

/// How many such pages are copied at a time while writes do not queue up.
const PORTION: i64 = 100;

/// Keeps the log short, and logs a warning once when it cannot.
#[derive(Debug, Default)]
pub(super) struct Checkpointer {
    is_failing: bool,
}

impl Checkpointer {
    /// Copies the log into the file if that is due. The writes of the last transaction are answered before.
    ///
    /// `awaited` is the number of these writes for which a caller waited.
    pub(super) fn checkpoint_if_due(&mut self, connection: &Connection, awaited: usize) {
        let copied = checkpoint_if_due(connection, awaited);
        let is_first_failure = self.is_first_failure(&copied);
        if let Err(error) = copied
            && is_first_failure
        {
            tracing::warn!(%error, "the write-ahead log cannot be copied into the database file");
        }
    }

    /// Returns whether this is the first failure since the last successful copy.
    ///
    /// On a full disk each attempt fails, and there are ten per second.
    const fn is_first_failure(&mut self, copied: &Result<bool, SqliteError>) -> bool {
        match copied {
            Ok(false) => false,
            Ok(true) => {
                self.is_failing = false;
                false
            }
            Err(_) => !mem::replace(&mut self.is_failing, true),
        }
    }
}

/// Returns whether a copy was due. It ends early at pages that a reader still needs from the log.
fn checkpoint_if_due(connection: &Connection, awaited: usize) -> Result<bool, SqliteError> {
    let is_due = Log::checkpoint(connection, "NOOP")?.is_due(awaited);
    if is_due {
        Log::checkpoint(connection, "PASSIVE")?;
    }
    Ok(is_due)
}

/// The write-ahead log, in pages.
#[derive(Debug, Clone, Copy)]
struct Log {
    length: i64,
    copied: i64,
}

impl Log {
    /// Runs a checkpoint in the given mode and returns the log after it. The mode `NOOP` copies nothing.
    fn checkpoint(connection: &Connection, mode: &str) -> Result<Self, SqliteError> {
        let sql = format!("PRAGMA wal_checkpoint({mode})");
        let row = |row: &rusqlite::Row<'_>| {
            Ok(Self {
                length: row.get(1)?,
                copied: row.get(2)?,
            })
        };
        Ok(connection.prepare_cached(&sql)?.query_row([], row)?)
    }

    /// Returns whether the log should be copied.
    ///
    /// The pages that are not copied yet count, rather than the length: SQLite cannot restart a log while a
    /// reader uses it, and copying after each small addition would make every write wait for two syncs. A log
    /// that has become long nevertheless is copied on every occasion, so that SQLite can restart it.
    const fn is_due(self, awaited: usize) -> bool {
        let portion = if awaited <= 1 { PORTION } else { MAX_LENGTH };
        MAX_LENGTH <= self.length || portion <= self.length - self.copied
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_is_copied_in_portions_unless_writes_queue_up() {
        let cases = [
            // length, copied, awaited, whether a copy is due
            (PORTION - 1, 0, 0, false),
            (PORTION, 0, 0, true),
            (PORTION, 0, 1, true),
            (PORTION, 1, 1, false),
            (2 * PORTION, PORTION, 0, true),
            (PORTION, 0, 2, false),
            (MAX_LENGTH - 1, 0, 2, false),
            (MAX_LENGTH, 0, 2, true),
            (MAX_LENGTH, MAX_LENGTH, 32, true),
        ];
        for (length, copied, awaited, due) in cases {
            let log = Log { length, copied };
            assert_eq!(log.is_due(awaited), due, "{log:?} with {awaited} awaited");
        }
    }

    #[test]
    fn failing_checkpoint_is_logged_once_until_one_succeeds() {
        let mut checkpointer = Checkpointer::default();
        let failure = || Err(SqliteError::RolledBack);
        let steps = [
            // the outcome, whether it is logged
            (Ok(false), false),
            (failure(), true),
            (failure(), false),
            (Ok(false), false),
            (failure(), false),
            (Ok(true), false),
            (failure(), true),
        ];
        for (number, (copied, is_logged)) in steps.into_iter().enumerate() {
            assert_eq!(
                checkpointer.is_first_failure(&copied),
                is_logged,
                "step {number}: {copied:?}"
            );
        }
    }
}
