//! axum and tower-sessions with sessions in memory.
//!
//! `axum-memory PORT [SESSIONS COOKIES]` creates this number of sessions first and writes their cookies to a
//! file.

use std::path::Path;

use peers::sessions::{sample, serve, write_cookies};
use peers::{Outcome, argument};
use tower_sessions::{MemoryStore, SessionStore};

#[tokio::main]
async fn main() -> Outcome {
    let store = MemoryStore::default();
    if let (Some(count), Some(cookies)) = (argument(2), argument(3)) {
        let mut ids = Vec::new();
        for number in 0..count.parse()? {
            let mut session = sample(number);
            store.create(&mut session).await?;
            ids.push(session.id);
        }
        write_cookies(Path::new(&cookies), ids.into_iter())?;
    }
    serve(store).await
}
