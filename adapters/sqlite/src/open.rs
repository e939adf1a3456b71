//! Opening files and setting connections up. Left out: what is in the file, see `migrations`.

use std::fs::OpenOptions;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::{Connection, MAIN_DB, OpenFlags};

use crate::error::{OpenError, SqliteError};
use crate::migrations;
use crate::options::SqliteOptions;

/// How long SQLite itself waits for a lock before it hands the waiting to [`patiently`].
///
/// Its own waiting sleeps ever longer, up to a tenth of a second, and then rarely hits the moment in
/// which a busy process has let go; asking anew keeps the sleeps short.
const SHORT_WAIT: Duration = Duration::from_millis(8);

/// The longest time that SQLite can count.
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 60 * 60);

/// The size to which the log file is cut when a burst has made it longer, in bytes.
const LOG_BYTES: u32 = 64 * 1024 * 1024;

/// The path from the root, so that SQLite takes no name for something special (`:memory:`, `file:`),
/// and a later change of the working folder changes nothing.
pub(crate) fn absolute(path: &Path) -> Result<PathBuf, OpenError> {
    std::path::absolute(path).map_err(|error| OpenError::from_io(path, error))
}

/// The connection that writes, to a database that exists and has the layout that this program knows.
pub(crate) fn writable(path: &Path, options: &SqliteOptions) -> Result<Connection, OpenError> {
    create(path).map_err(|error| OpenError::from_io(path, error))?;
    let connection = connect_writer(path).map_err(|error| OpenError::from_sqlite(path, error))?;
    // Where it may not write, SQLite falls back to reading, and would refuse every single write later.
    if connection.is_readonly(MAIN_DB).is_ok_and(|read_only| read_only) {
        return Err(OpenError::ReadOnly {
            path: path.to_owned(),
            source: io::Error::from(ErrorKind::PermissionDenied).into(),
        });
    }
    // Two processes that open a new file at the same time get into each other's way at any of these steps.
    let prepared = patiently(options.busy_timeout, || {
        migrations::check(&connection)?;
        set_up_writer(&connection, options)?;
        migrations::migrate(&connection)
    });
    prepared.map_err(|error| OpenError::from_sqlite(path, error))?;
    Ok(connection)
}

/// A connection that reads.
pub(crate) fn readable(path: &Path, options: &SqliteOptions) -> Result<Connection, SqliteError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(options.busy_timeout.min(LONGEST_WAIT))?;
    connection.pragma_update(None, "query_only", true)?;
    set_up_any(&connection, options)?;
    Ok(connection)
}

/// Asks again while another process holds a lock, until `patience` is over.
pub(crate) fn patiently<T>(
    patience: Duration,
    mut ask: impl FnMut() -> Result<T, SqliteError>,
) -> Result<T, SqliteError> {
    let begun = Instant::now();
    loop {
        match ask() {
            // Some locks are refused without any waiting, so that a pause of our own is needed.
            Err(error) if error.is_lock() && begun.elapsed() < patience => {
                thread::sleep(Duration::from_millis(1));
            }
            answer => return answer,
        }
    }
}

/// Makes an empty file that only its owner may read; SQLite gives its log the same rights.
///
/// POSIX drops all locks that a process has on a file when it closes any handle to it, so that this
/// must not open a file that a connection of this process already uses. It opens nothing that exists,
/// and nobody else here opens the new file before it is closed again.
fn create(path: &Path) -> io::Result<()> {
    static CREATING: Mutex<()> = Mutex::new(());
    let _one_at_a_time = CREATING.lock().unwrap_or_else(PoisonError::into_inner);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        other => other.map(drop),
    }
}

fn connect_writer(path: &Path) -> Result<Connection, SqliteError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(SHORT_WAIT)?;
    Ok(connection)
}

fn set_up_writer(connection: &Connection, options: &SqliteOptions) -> Result<(), SqliteError> {
    let mode: String = connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    if mode != "wal" {
        return Err(SqliteError::NoLog { mode });
    }
    connection.pragma_update(None, "synchronous", "FULL")?;
    // Where a plain sync leaves data in the drive's own cache, ask for the real thing.
    connection.pragma_update(None, "fullfsync", true)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // What was deleted is overwritten wherever that costs no further page.
    connection.pragma_update(None, "secure_delete", "FAST")?;
    // The thread that writes moves the log itself, when it has answered and no reader of ours is in the way.
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    connection.pragma_update(None, "journal_size_limit", LOG_BYTES)?;
    if let Some(bytes) = options.max_bytes {
        let page: i64 = connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
        let pages = i64::try_from(bytes).unwrap_or(i64::MAX) / page.max(1);
        connection.pragma_update(None, "max_page_count", pages)?;
    }
    set_up_any(connection, options)
}

/// How much of the file one connection keeps, in KiB: the upper levels of a table of many million rows.
const CACHE_KIB: i64 = 1024;

/// The most memory, in bytes, that a thread which reads takes: its pages, its statements, and a session
/// with all the values it can hold. What is mapped of the file comes on top.
pub const READER_BYTES: u64 = 2 * 1024 * 1024;

/// The most memory, in bytes, that writing takes: pages of a transaction, and a queue full of the largest
/// sessions.
pub const WRITER_BYTES: u64 = 32 * 1024 * 1024;

fn set_up_any(connection: &Connection, options: &SqliteOptions) -> Result<(), SqliteError> {
    let mapped = i64::try_from(options.mmap_bytes).unwrap_or(i64::MAX);
    connection.pragma_update(None, "mmap_size", mapped)?;
    // Every thread that reads has pages of its own; what they do not hold the operating system does.
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    // A file that somebody else prepared must not run anything here.
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(())
}
