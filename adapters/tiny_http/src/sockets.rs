//! Shuts down TCP connections that tiny_http owns and does not expose.
//!
//! A connection is found among the open files of the process by the addresses of its two ends. The
//! module works with descriptor numbers, so callers must keep the socket open during each call.

use std::fs;
use std::net::{IpAddr, Shutdown, SocketAddr};
use std::os::fd::RawFd;

use nix::sys::socket::{self, SockaddrStorage};

/// A TCP connection, named by the addresses of its two ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Connection {
    pub(crate) local: SocketAddr,
    pub(crate) peer: SocketAddr,
}

impl Connection {
    /// Shuts down the connection and returns whether it was found. The caller holds the request or its
    /// writer, which keeps the socket open. tiny_http has two descriptors for each connection, and closes
    /// the other one at any time, so both are tried.
    pub(crate) fn shutdown(self, how: Shutdown) -> bool {
        let how = match how {
            Shutdown::Read => socket::Shutdown::Read,
            Shutdown::Write => socket::Shutdown::Write,
            Shutdown::Both => socket::Shutdown::Both,
        };
        let descriptors = open_descriptors().filter(|descriptor| self.is_at(*descriptor));
        descriptors
            .filter(|descriptor| socket::shutdown(*descriptor, how).is_ok())
            .count()
            > 0
    }

    fn is_at(self, descriptor: RawFd) -> bool {
        let peer = socket::getpeername::<SockaddrStorage>(descriptor);
        peer.is_ok_and(|peer| address(&peer) == Some(self.peer))
            && socket::getsockname::<SockaddrStorage>(descriptor)
                .is_ok_and(|local| address(&local) == Some(self.local))
    }
}

/// Lists the open files of this process; the same folder exists on Linux, macOS and the BSDs.
fn open_descriptors() -> impl Iterator<Item = RawFd> {
    let entries = fs::read_dir("/dev/fd").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

fn address(storage: &SockaddrStorage) -> Option<SocketAddr> {
    let v4 = storage
        .as_sockaddr_in()
        .map(|v4| (IpAddr::V4(v4.ip()), v4.port()));
    let v6 = || {
        storage
            .as_sockaddr_in6()
            .map(|v6| (IpAddr::V6(v6.ip()), v6.port()))
    };
    v4.or_else(v6).map(SocketAddr::from)
}
