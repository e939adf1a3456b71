//! The axum application: a session check and a new session without a password, on any store of
//! tower-sessions.
//!
//! Sessions expire twelve hours after their last change, so a check writes nothing.

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
/// Returns an error if the port from the first argument is unusable.
pub async fn serve<S: SessionStore + Clone>(store: S) -> crate::Outcome {
    let sessions = SessionManagerLayer::new(store)
        .with_secure(false)
        .with_expiry(Expiry::OnInactivity(LIFETIME));
    let app = Router::new()
        .route("/profile", get(profile))
        .route("/session", post(sign_in))
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

async fn sign_in(session: Session) -> &'static str {
    match session.insert(NAME, "ada").await {
        Ok(()) => "Logged in\n",
        Err(_) => "Failed\n",
    }
}

/// Returns a session to fill a store with, as [`sign_in`] creates it.
#[must_use]
pub fn sample(number: i128) -> Record {
    // Real ids are random. Multiplying by an odd constant spreads these as evenly.
    let id = Id(number
        .wrapping_add(1)
        .wrapping_mul(0x2545_f491_4f6c_dd1d_9e37_79b9_7f4a_7c15));
    Record {
        id,
        data: [(NAME.to_owned(), "ada".into())].into(),
        expiry_date: OffsetDateTime::now_utc() + LIFETIME,
    }
}

/// Writes the cookies of sessions for the load generator, one per line.
///
/// # Errors
/// Returns an error if the file cannot be written.
pub fn write_cookies(path: &Path, ids: impl Iterator<Item = Id>) -> Result<(), Box<dyn Error + Send + Sync>> {
    let mut file = BufWriter::new(File::create(path)?);
    for id in ids {
        writeln!(file, "id={id}")?;
    }
    Ok(file.flush()?)
}
