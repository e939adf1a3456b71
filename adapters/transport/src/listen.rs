//! Listening addresses.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

/// The maximum number of connections that wait to be accepted.
pub const BACKLOG: i32 = 1_024;

/// A listening address. Its text form is `ADDRESS:PORT` or `unix:PATH`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listen {
    /// A TCP address. Port 0 selects any free port.
    Tcp(SocketAddr),
    /// The path of a Unix socket.
    Unix(PathBuf),
}

impl Listen {
    /// Returns the URL with this scheme, such as `http://127.0.0.1:8080`. A Unix socket has no URL, so its text
    /// form is returned.
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
