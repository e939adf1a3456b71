//! The layout of the tables: its version, and the migrations to the latest version.
//!
//! There are no downgrades. A released migration is never edited; the next one corrects its mistakes. Several
//! nodes may migrate at the same time: the row with the version is locked, so that each step is taken once.

use tokio_postgres::error::SqlState;

use crate::connection::Connection;
use crate::error::PgError;

/// The SQL that migrates each version to the next.
const MIGRATIONS: &[&str] = &[
    include_str!("../migrations/0001_sessions.sql"),
    include_str!("../migrations/0002_accounts.sql"),
];

/// How often a step is tried that loses against another node.
const ATTEMPTS: u32 = 10;

/// Migrates the tables to the latest version, one transaction for each step.
///
/// Up-to-date tables are only read, so that a server needs no right to create tables after its first start.
pub(crate) fn migrate(connection: &mut Connection) -> Result<(), PgError> {
    if version(connection)?.is_none() {
        retry(|| create(connection))?;
    }
    for (number, sql) in (1..).zip(MIGRATIONS) {
        if version(connection)?.unwrap_or(0) < number {
            retry(|| step(connection, number, sql))?;
        }
    }
    Ok(())
}

/// Returns the number of migrations that the tables have had, or `None` if there are none.
fn version(connection: &mut Connection) -> Result<Option<i64>, PgError> {
    let found = connection.query_first("SELECT version FROM kunci_layout WHERE id = 1", &[]);
    match found {
        Ok(None) => Ok(None),
        Ok(Some(row)) => checked(row.try_get(0)?).map(Some),
        Err(error) if error.code() == Some(&SqlState::UNDEFINED_TABLE) => Ok(None),
        Err(error) => Err(error),
    }
}

fn checked(found: i64) -> Result<i64, PgError> {
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    if known < found {
        return Err(PgError::Newer { found, known });
    }
    Ok(found)
}

/// Creates the table with the version, and its only row.
fn create(connection: &mut Connection) -> Result<(), PgError> {
    connection.batch(
        "CREATE TABLE IF NOT EXISTS kunci_layout (id BIGINT PRIMARY KEY, version BIGINT NOT NULL);
         INSERT INTO kunci_layout (id, version) VALUES (1, 0) ON CONFLICT (id) DO NOTHING",
    )
}

fn step(connection: &mut Connection, number: i64, sql: &str) -> Result<(), PgError> {
    let migrated = connection.transaction(
        |connection| {
            let locked = "SELECT version FROM kunci_layout WHERE id = 1 FOR UPDATE";
            let row = connection.query_first(locked, &[])?;
            // Another node may have migrated the tables before this one got the lock.
            if number <= checked(row.map_or(Ok(0), |row| row.try_get(0))?)? {
                return Ok(false);
            }
            connection.batch(sql)?;
            connection.execute("UPDATE kunci_layout SET version = $1 WHERE id = 1", &[&number])?;
            Ok(true)
        },
        |migrated| *migrated,
    )?;
    if migrated {
        tracing::info!(layout = number, "migrated the database");
    }
    Ok(())
}

/// Repeats what loses against another node. Two nodes that create one table at the same time can violate a
/// constraint of the catalogue.
fn retry(mut work: impl FnMut() -> Result<(), PgError>) -> Result<(), PgError> {
    for _ in 1..ATTEMPTS {
        match work() {
            Err(error) if error.is_conflict() || error.taken().is_some() || is_duplicate(&error) => {}
            result => return result,
        }
    }
    work()
}

fn is_duplicate(error: &PgError) -> bool {
    error.code() == Some(&SqlState::DUPLICATE_TABLE)
}
