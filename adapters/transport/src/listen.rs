//! Listening addresses.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

/// The largest number of connections that wait to be accepted.
pub const BACKLOG: i32 = 1_024;

/// A TCP address, or a Unix socket. It is written `ADDRESS:PORT` or `unix:PATH`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listen {
    /// A TCP address. Port 0 means any free one.
    Tcp(SocketAddr),
    /// The path of a Unix socket.
    Unix(PathBuf),
}

impl Listen {
    /// Returns the URL, such as `http://127.0.0.1:8080` for the scheme `http`. Unix sockets have no URL; for
    /// them it returns `unix:PATH`.
    pub fn url(&self, scheme: &str) -> String {
        match self {
            Self::Tcp(address) => format!("{scheme}://{address}"),
            Self::Unix(_) => self.to_string(),
        }
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => write!(f, "{address}"),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}
