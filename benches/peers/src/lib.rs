//! What the peers share: the port they are given, the line they print, and the axum application that
//! differs only in where its sessions are kept.
//!
//! Left out: limits, logs, a clean stop, and whatever else a real server needs. They are to be quick.

pub mod sessions;

use std::error::Error;
use std::net::{Ipv4Addr, SocketAddr};

/// What a peer's `main` gives back.
pub type Outcome = Result<(), Box<dyn Error + Send + Sync>>;

/// What every peer that keeps no sessions says.
pub const HELLO: &str = "Welcome, somebody\n";

/// The address from the first argument, a port of this machine.
///
/// # Errors
/// When there is none.
pub fn address() -> Result<SocketAddr, Box<dyn Error + Send + Sync>> {
    let port = std::env::args().nth(1).ok_or("a port is needed")?;
    Ok((Ipv4Addr::LOCALHOST, port.parse()?).into())
}

/// The argument at `index`, if it was given.
#[must_use]
pub fn argument(index: usize) -> Option<String> {
    std::env::args().nth(index)
}

/// Says that requests are answered from now on.
pub fn ready(address: SocketAddr) {
    println!("listening on http://{address}");
}
