//! The axum application: a session check and a new session, on any store of tower-sessions.
//!
//! Sessions live for twelve hours from their last change, as Kunci's do from their last use, so that
//! reading one writes nothing. Left out: passwords; whoever asks for a session gets one.

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use axum::Router;
use axum::routing::{get, post};
use time::{Duration, OffsetDateTime};
use tokio::net::TcpListener;
use tower_sessions::session::{Id, Record};
use tower_sessions::{Expiry, Session, SessionManagerLayer, SessionStore};

const NAME: &str = "name";
const LIFETIME: Duration = Duration::hours(12);

/// Serves the application until the process ends.
///
/// # Errors
/// When the address from the first argument cannot be listened on.
pub async fn serve<S: SessionStore + Clone>(store: S) -> crate::Outcome {
    let sessions = SessionManagerLayer::new(store)
        .with_secure(false)
        .with_expiry(Expiry::OnInactivity(LIFETIME));
    let app = Router::new()
        .route("/profile", get(profile))
        .route("/session", post(begin))
        .layer(sessions);
    let listener = TcpListener::bind(crate::address()?).await?;
    crate::ready(listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}

async fn profile(session: Session) -> String {
    match session.get::<String>(NAME).await {
        Ok(Some(name)) => format!("Welcome, {name}\n"),
        Ok(None) => "You are not logged in\n".to_owned(),
        Err(error) => format!("{error}\n"),
    }
}

async fn begin(session: Session) -> &'static str {
    match session.insert(NAME, "ada").await {
        Ok(()) => "Logged in\n",
        Err(_) => "It failed\n",
    }
}

/// A session to fill a store with, as [`begin`] would make it.
#[must_use]
pub fn sample(number: i128) -> Record {
    // Ids are random in life: an odd multiplier spreads the numbers as evenly.
    let id = Id(number
        .wrapping_add(1)
        .wrapping_mul(0x2545_f491_4f6c_dd1d_9e37_79b9_7f4a_7c15));
    Record {
        id,
        data: [(NAME.to_owned(), "ada".into())].into(),
        expiry_date: OffsetDateTime::now_utc() + LIFETIME,
    }
}

/// Writes the cookies of some sessions, one a line, for the load generator.
///
/// # Errors
/// When the file cannot be written.
pub fn write_cookies(path: &Path, ids: impl Iterator<Item = Id>) -> Result<(), Box<dyn Error + Send + Sync>> {
    let mut file = BufWriter::new(File::create(path)?);
    for id in ids {
        writeln!(file, "id={id}")?;
    }
    Ok(file.flush()?)
}
