//! Keeps reading cheap: one connection that stays in a read transaction for all the others.
//!
//! In write-ahead logging every read takes a shared lock and gives it back, which are two calls of the
//! operating system, under a mutex that all connections of a process to one file share. SQLite counts
//! the holders, and asks the system for the first and the last of them only. So while one connection
//! holds on to the newest state, the others just count: measured, a read takes half the time alone
//! and a third beside another thread.
//!
//! The price is that the log cannot begin anew while somebody holds on to it. Hence this lets go before
//! the log is moved into the file, takes hold anew after each write and several times a second, and
//! holds nothing while nobody reads, or when another process has written of late, which may be waiting
//! to move the log itself.
//!
//! Left out: any part in what is read. When it fails, reading is slower, that is all.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::error::SqliteError;
use crate::others::Others;

/// Whether anybody has read of late; shared between those who read and the anchor.
#[derive(Debug, Clone, Default)]
pub(crate) struct Activity(Arc<AtomicBool>);

impl Activity {
    /// Somebody reads. It is written only when that is news, so that readers do not pass a cache line around.
    pub(crate) fn note(&self) {
        if !self.0.load(Ordering::Relaxed) {
            self.0.store(true, Ordering::Relaxed);
        }
    }

    /// Whether there was any since the last time this was asked.
    fn take(&self) -> bool {
        self.0.swap(false, Ordering::Relaxed)
    }
}

/// How long another process must not have written before this holds on again.
const QUIET: Duration = Duration::from_secs(1);

/// The connection that holds on.
pub(crate) struct Anchor {
    connection: Connection,
    activity: Activity,
    others: Others,
    others_wrote: Option<Instant>,
}

impl Anchor {
    pub(crate) fn new(connection: Connection, activity: Activity) -> Self {
        Self {
            connection,
            activity,
            others: Others::default(),
            others_wrote: None,
        }
    }

    /// Takes hold of the newest state, if anybody has read since the last time.
    ///
    /// `writer` is the connection whose writes are ours.
    pub(crate) fn renew(&mut self, writer: &Connection) {
        self.let_go();
        if self.activity.take()
            && let Err(error) = self.watch(writer).and_then(|()| self.take_hold())
        {
            tracing::debug!(%error, "reading is not anchored");
        }
    }

    /// Gives up whatever it holds.
    pub(crate) fn let_go(&self) {
        if !self.connection.is_autocommit()
            && let Err(error) = self.execute("COMMIT")
        {
            tracing::debug!(%error, "the anchor holds on");
        }
    }

    /// Notes whether others have written since the last time.
    fn watch(&mut self, writer: &Connection) -> Result<(), SqliteError> {
        if self.others.have_written(writer)? {
            self.others_wrote = Some(Instant::now());
        }
        Ok(())
    }

    fn take_hold(&self) -> Result<(), SqliteError> {
        if self.others_wrote.is_some_and(|at| at.elapsed() < QUIET) {
            return Ok(());
        }
        self.execute("BEGIN")?;
        // A transaction begins with its first read.
        self.connection
            .prepare_cached("SELECT 1 FROM sqlite_schema LIMIT 1")?
            .exists([])?;
        Ok(())
    }

    fn execute(&self, sql: &str) -> Result<(), SqliteError> {
        self.connection.prepare_cached(sql)?.execute([])?;
        Ok(())
    }
}
