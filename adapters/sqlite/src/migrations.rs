//! The layout of the file: whose it is, which version it has, and how it gets to the latest.
//!
//! Left out: ways back. A migration is never edited once it was released; a mistake is mended by the next.

use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::error::SqliteError;

/// What brings the file from each version to the next; the first makes it from nothing.
const MIGRATIONS: &[&str] = &[
    include_str!("../migrations/0001_sessions_and_users.sql"),
    include_str!("../migrations/0002_origin_of_sessions.sql"),
    include_str!("../migrations/0003_tokens_and_history.sql"),
];

/// Marks the file as ours: the letters `Kunc`, where SQLite's own `file` entry looks for them.
const APPLICATION_ID: i64 = 0x4b75_6e63;

/// Makes sure that the file is ours or empty, before anything about it is changed; tells its version.
///
/// It looks in one transaction, lest a file that somebody is just filling is seen half.
pub(crate) fn check(connection: &Connection) -> Result<i64, SqliteError> {
    let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Deferred)?;
    version(&transaction)
}

/// Brings the file to the latest version, one transaction for each step.
pub(crate) fn migrate(connection: &Connection) -> Result<(), SqliteError> {
    for (number, sql) in (1..).zip(MIGRATIONS) {
        // Looked at without a lock first, so that a file which is up to date opens while others write.
        if check(connection)? < number {
            step(connection, number, sql)?;
        }
    }
    Ok(())
}

fn step(connection: &Connection, number: i64, sql: &str) -> Result<(), SqliteError> {
    let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    // Another process may have been quicker; what counts is what is seen under the lock.
    if version(&transaction)? < number {
        transaction.execute_batch(sql)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", number)?;
        tracing::info!(layout = number, "the database has a new layout");
    }
    Ok(transaction.commit()?)
}

/// How many migrations the file has seen. Asks several things, so that it needs a transaction around it.
fn version(connection: &Connection) -> Result<i64, SqliteError> {
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    let found = integer(connection, "user_version")?;
    match integer(connection, "application_id")? {
        APPLICATION_ID if known < found => Err(SqliteError::Newer { found, known }),
        APPLICATION_ID => Ok(found),
        0 if found == 0 && is_empty(connection)? => Ok(0),
        _ => Err(SqliteError::Foreign),
    }
}

fn is_empty(connection: &Connection) -> Result<bool, SqliteError> {
    let sql = "SELECT NOT EXISTS (SELECT 1 FROM sqlite_schema)";
    Ok(connection.query_row(sql, [], |row| row.get(0))?)
}

fn integer(connection: &Connection, pragma: &str) -> Result<i64, SqliteError> {
    Ok(connection.pragma_query_value(None, pragma, |row| row.get(0))?)
}
