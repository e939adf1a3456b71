//! axum and tower-sessions with the sessions in SQLite, through tower-sessions-sqlx-store.
//!
//! `axum-sqlite PORT FILE`, or `axum-sqlite fill FILE SESSIONS COOKIES` to put sessions into a new file
//! and the cookies of the first 20,000 into another.
//!
//! The log is written ahead and every commit waits for the disk (`synchronous=FULL`), as Kunci has it.
//! The number of connections is sqlx's own, ten.

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
    let file = argument(2).ok_or("a file is needed")?;
    let pool = open(Path::new(&file)).await?;
    let store = SqliteStore::new(pool.clone());
    store.migrate().await?;
    if argument(1).as_deref() != Some("fill") {
        return serve(store).await;
    }
    let count = argument(3).ok_or("a number of sessions is needed")?.parse()?;
    let cookies = argument(4).ok_or("a file for the cookies is needed")?;
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

/// Writes rows as the store itself lays them out, many at once: one by one would take minutes.
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
