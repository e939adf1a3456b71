//! Opens database files and configures connections.

use std::fs::OpenOptions;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::{Connection, MAIN_DB, OpenFlags};

use crate::error::{OpenError, SqliteError};
use crate::options::SqliteOptions;
use crate::reserve::Reserve;
use crate::{migrations, permissions};

/// How long SQLite itself waits for a lock before [`retry_while_locked`] continues.
///
/// SQLite's own pauses grow up to a tenth of a second, and then often miss the moment at which a busy process
/// releases the lock. Starting again keeps the pauses short.
const LOCK_WAIT: Duration = Duration::from_millis(8);

/// The upper limit of a reader's busy timeout, which SQLite stores as 32-bit milliseconds.
const MAX_BUSY_TIMEOUT: Duration = Duration::from_secs(24 * 60 * 60);

/// The size to which SQLite truncates the log file after a burst, in bytes.
const LOG_BYTES: u32 = 64 * 1024 * 1024;

/// The page cache of one connection in KiB. It holds the upper levels of a table of many million rows.
const PAGE_CACHE_KIB: i64 = 1024;

/// The most memory that a reading thread takes, in bytes: its pages, its statements, and the largest session.
///
/// Mapped memory is not included.
pub const READER_BYTES: u64 = 2 * 1024 * 1024;

/// The most memory that writing takes, in bytes: the pages of a transaction, and a queue of the largest
/// sessions.
pub const WRITER_BYTES: u64 = 32 * 1024 * 1024;

/// Returns the absolute path of a database file.
///
/// SQLite gives no absolute path a special meaning, such as `:memory:` or `file:`. A later change of the
/// working folder has no effect on it.
pub(crate) fn absolute(path: &Path) -> Result<PathBuf, OpenError> {
    std::path::absolute(path).map_err(|error| OpenError::from_io(path, error))
}

/// Opens the connection that writes, and creates or migrates the database if necessary.
///
/// On a full disk, this uses the reserve.
pub(crate) fn writable(
    path: &Path,
    options: &SqliteOptions,
    reserve: &Reserve,
) -> Result<Connection, OpenError> {
    create(path).map_err(|error| OpenError::from_io(path, error))?;
    let connection = connect_writer(path).map_err(|error| OpenError::from_sqlite(path, error))?;
    // If it may not write, SQLite opens the file read-only, and would then refuse each write.
    if connection.is_readonly(MAIN_DB).is_ok_and(|read_only| read_only) {
        return Err(OpenError::ReadOnly {
            path: path.to_owned(),
            source: io::Error::from(ErrorKind::PermissionDenied).into(),
        });
    }
    // Two processes that open a new file at the same time can lock each other out at any of these steps.
    let prepare = || {
        retry_while_locked(options.busy_timeout, || {
            migrations::check(&connection)?;
            permissions::check(path)?;
            set_up_writer(&connection, options)?;
            migrations::migrate(&connection)
        })
    };
    let prepared = prepare().or_else(|error| {
        if error.is_full() && reserve.release() {
            prepare()
        } else {
            Err(error)
        }
    });
    prepared.map_err(|error| OpenError::from_sqlite(path, error))?;
    Ok(connection)
}

/// Opens a read-only connection.
pub(crate) fn readable(path: &Path, options: &SqliteOptions) -> Result<Connection, SqliteError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(options.busy_timeout.min(MAX_BUSY_TIMEOUT))?;
    connection.pragma_update(None, "query_only", true)?;
    set_up_any(&connection, options)?;
    Ok(connection)
}

/// Repeats `attempt` until no other process holds a lock, or `timeout` is over.
pub(crate) fn retry_while_locked<T>(
    timeout: Duration,
    mut attempt: impl FnMut() -> Result<T, SqliteError>,
) -> Result<T, SqliteError> {
    let begun = Instant::now();
    loop {
        match attempt() {
            // SQLite refuses some locks without waiting, so a pause is needed here.
            Err(error) if error.is_lock() && begun.elapsed() < timeout => {
                thread::sleep(Duration::from_millis(1));
            }
            result => return result,
        }
    }
}

/// Creates an empty file that only its owner may read. SQLite gives its log the same permissions.
///
/// When a process closes any handle to a file, POSIX drops all locks that the process has on it. This must
/// therefore not open a file that a connection of this process uses. It opens no existing file, and the mutex
/// keeps other threads from opening the new file before it is closed here.
fn create(path: &Path) -> io::Result<()> {
    static CREATING: Mutex<()> = Mutex::new(());
    let _guard = CREATING.lock().unwrap_or_else(PoisonError::into_inner);
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
    connection.busy_timeout(LOCK_WAIT)?;
    Ok(connection)
}

fn set_up_writer(connection: &Connection, options: &SqliteOptions) -> Result<(), SqliteError> {
    let mode: String = connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    if mode != "wal" {
        return Err(SqliteError::NoWal { mode });
    }
    connection.pragma_update(None, "synchronous", "FULL")?;
    // On macOS, a plain sync leaves data in the cache of the drive; this one does not.
    connection.pragma_update(None, "fullfsync", true)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // Deleted content is overwritten if that writes no additional page.
    connection.pragma_update(None, "secure_delete", "FAST")?;
    // The writer thread runs the checkpoints, after it has answered the writes.
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    connection.pragma_update(None, "journal_size_limit", LOG_BYTES)?;
    if let Some(bytes) = options.max_bytes {
        let page: i64 = connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
        let pages = i64::try_from(bytes).unwrap_or(i64::MAX) / page.max(1);
        connection.pragma_update(None, "max_page_count", pages)?;
    }
    set_up_any(connection, options)
}

fn set_up_any(connection: &Connection, options: &SqliteOptions) -> Result<(), SqliteError> {
    let mapped = i64::try_from(options.mmap_bytes).unwrap_or(i64::MAX);
    connection.pragma_update(None, "mmap_size", mapped)?;
    // Each connection has pages of its own; the operating system caches the rest of the file.
    connection.pragma_update(None, "cache_size", -PAGE_CACHE_KIB)?;
    // A file that an attacker prepared must not run functions here.
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(())
}
