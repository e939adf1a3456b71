//! Where the server listens.
//!
//! Left out: opening the socket, and which transport may listen where (`check` says that).

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use super::base::{Refusal, list};

/// Where the server listens: a TCP address, or a Unix socket.
///
/// It is written `ADDRESS:PORT`, `localhost:PORT` (which is 127.0.0.1) or `unix:PATH`.
/// Port 0 lets the system pick a free one.
/// Other names are not looked up: what a name resolves to can change between two starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listen {
    /// A TCP address.
    Tcp(SocketAddr),
    /// The path of a Unix socket.
    Unix(PathBuf),
}

impl Listen {
    pub(super) fn parse(text: &str) -> Result<Self, Refusal> {
        if let Some(path) = text.strip_prefix("unix:") {
            return path_from(path).map(Listen::Unix);
        }
        if let Some(port) = text.strip_prefix("localhost:") {
            let port = port
                .parse()
                .map_err(|_| Refusal::from("has no port from 0 to 65535"))?;
            return Ok(Listen::Tcp(SocketAddr::from((Ipv4Addr::LOCALHOST, port))));
        }
        text.parse()
            .map(Listen::Tcp)
            .map_err(|_| "is not an address with a port".into())
    }

    /// One or more, without a comma in any.
    pub(super) fn parse_list(text: &str) -> Result<Vec<Self>, Refusal> {
        match list(text, Self::parse)? {
            empty if empty.is_empty() => Self::parse(text).map(|one| vec![one]),
            all => Ok(all),
        }
    }

    pub(super) fn show_list(all: &[Self]) -> String {
        let all: Vec<String> = all.iter().map(Self::to_string).collect();
        all.join(",")
    }

    /// Whether only this machine can connect: a Unix socket or a loopback address.
    pub fn is_local(&self) -> bool {
        match self {
            Listen::Tcp(address) => address.ip().to_canonical().is_loopback(),
            Listen::Unix(_) => true,
        }
    }

    pub(super) fn joined_to(self, folder: &Path) -> Self {
        match self {
            Listen::Unix(path) => Listen::Unix(folder.join(path)),
            Listen::Tcp(_) => self,
        }
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Listen::Tcp(address) => write!(f, "{address}"),
            Listen::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

/// A path that the system can be asked for: not empty, and without the NUL that would end it early.
pub(super) fn path_from(text: &str) -> Result<PathBuf, Refusal> {
    if text.is_empty() {
        return Err("has no path".into());
    }
    if text.contains('\0') {
        return Err("has a NUL in its path".into());
    }
    Ok(PathBuf::from(text))
}
