//! axum and tower-sessions with sessions in SQLite, through tower-sessions-sqlx-store.
//!
//! `axum-sqlite PORT FILE` serves. `axum-sqlite fill FILE SESSIONS COOKIES` fills a new database and writes
//! the cookies of the first 20,000 sessions to a file.
//!
//! As with Kunci, the database uses a write-ahead log and every commit waits for the disk
//! (`synchronous=FULL`). The pool has sqlx's default of ten connections.

use std::path::Path;

use peers::sessions::{sample, serve, write_cookies};
use peers::{Outcome, argument};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{QueryBuilder, Sqlite, SqlitePool};
use tower_sessions::session::Record;
use tower_sessions_sqlx_store::SqliteStore;

const COOKIES: usize = 20_000;
const ROWS_AT_ONCE: usize = 500;

#[tokio::main]
async fn main() -> Outcome {
    let file = argument(2).ok_or("missing argument: a database file")?;
    let pool = open(Path::new(&file)).await?;
    let store = SqliteStore::new(pool.clone());
    store.migrate().await?;
    if argument(1).as_deref() != Some("fill") {
        return serve(store).await;
    }
    let count = argument(3)
        .ok_or("missing argument: a number of sessions")?
        .parse()?;
    let cookies = argument(4).ok_or("missing argument: a file for the cookies")?;
    fill(&pool, count).await?;
    write_cookies(
        Path::new(&cookies),
        (0..count as i128).take(COOKIES).map(|number| sample(number).id),
    )
}

async fn open(file: &Path) -> Result<SqlitePool, sqlx::Error> {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    SqlitePoolOptions::new().connect_with(options).await
}

/// Writes rows in the format of the store, many per statement: single rows would take minutes.
async fn fill(pool: &SqlitePool, count: usize) -> Outcome {
    let mut transaction = pool.begin().await?;
    for begin in (0..count).step_by(ROWS_AT_ONCE) {
        let end = count.min(begin + ROWS_AT_ONCE);
        let sessions: Vec<Record> = (begin..end).map(|number| sample(number as i128)).collect();
        let mut insert = QueryBuilder::<Sqlite>::new("insert into tower_sessions (id, data, expiry_date) ");
        let rows = sessions
            .iter()
            .map(|session| Ok((session, rmp_serde::to_vec(session)?)))
            .collect::<Result<Vec<_>, rmp_serde::encode::Error>>()?;
        insert.push_values(rows, |mut row, (session, data)| {
            row.push_bind(session.id.to_string())
                .push_bind(data)
                .push_bind(session.expiry_date);
        });
        insert.build().execute(&mut *transaction).await?;
    }
    Ok(transaction.commit().await?)
}
