//! Code that the peers share: arguments, the ready message, and the axum application for any session store.
//!
//! For speed, the peers have no limits, no logs and no clean stop.

pub mod sessions;

use std::error::Error;
use std::net::{Ipv4Addr, SocketAddr};

/// The result of a peer's `main`.
pub type Outcome = Result<(), Box<dyn Error + Send + Sync>>;

/// The answer of peers without sessions.
pub const HELLO: &str = "Welcome, visitor\n";

/// Returns the loopback address with the port from the first argument.
///
/// # Errors
/// Returns an error if the port is missing or invalid.
pub fn address() -> Result<SocketAddr, Box<dyn Error + Send + Sync>> {
    let port = std::env::args().nth(1).ok_or("missing argument: a port")?;
    Ok((Ipv4Addr::LOCALHOST, port.parse()?).into())
}

/// Returns the argument at `index`, if any.
#[must_use]
pub fn argument(index: usize) -> Option<String> {
    std::env::args().nth(index)
}

/// Prints that the server accepts requests.
pub fn ready(address: SocketAddr) {
    println!("listening on http://{address}");
}
