//! Where the server listens, as settings say it.
//!
//! Left out: opening the socket, and which transport may listen where (`check` says that).

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

pub use kunci_transport::Listen;

use super::base::{Refusal, list};

/// One or more places, without a comma in any.
///
/// Each is written `ADDRESS:PORT`, `localhost:PORT` (which is 127.0.0.1) or `unix:PATH`.
/// Port 0 lets the system pick a free one.
/// Other names are not looked up: what a name resolves to can change between two starts.
pub(super) fn parse_list(text: &str) -> Result<Vec<Listen>, Refusal> {
    match list(text, parse)? {
        empty if empty.is_empty() => parse(text).map(|one| vec![one]),
        all => Ok(all),
    }
}

fn parse(text: &str) -> Result<Listen, Refusal> {
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

pub(super) fn show_list(all: &[Listen]) -> String {
    let all: Vec<String> = all.iter().map(ToString::to_string).collect();
    all.join(",")
}

/// Whether only this machine can connect: a Unix socket or a loopback address.
pub(super) fn is_local(listen: &Listen) -> bool {
    match listen {
        Listen::Tcp(address) => address.ip().to_canonical().is_loopback(),
        Listen::Unix(_) => true,
    }
}

pub(super) fn joined_to(listen: Listen, folder: &Path) -> Listen {
    match listen {
        Listen::Unix(path) => Listen::Unix(folder.join(path)),
        Listen::Tcp(_) => listen,
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
