//! Shuts down TCP connections that tiny_http owns and does not expose, and recognises their timeouts.
//!
//! A connection is found among the open files of the process by the addresses of its two ends. The
//! module works with descriptor numbers, so callers must keep the socket open during each call.

use std::fs;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::os::fd::RawFd;

use nix::sys::socket::{self, Shutdown, SockaddrStorage};

/// A TCP connection, named by the addresses of its two ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Connection {
    pub(crate) local: SocketAddr,
    pub(crate) peer: SocketAddr,
}

impl Connection {
    /// Shuts down the connection and returns whether it was found.
    ///
    /// tiny_http has two descriptors for each connection. The caller holds both, or the connection is so idle
    /// that tiny_http does not close one in this moment; otherwise its number could be in use again.
    pub(crate) fn shutdown(self, how: Shutdown) -> bool {
        let mut descriptors = open_descriptors().filter(|descriptor| self.is_at(*descriptor));
        descriptors.any(|descriptor| socket::shutdown(descriptor, how).is_ok())
    }

    fn is_at(self, descriptor: RawFd) -> bool {
        socket::getpeername(descriptor) == Ok(SockaddrStorage::from(self.peer))
            && socket::getsockname(descriptor) == Ok(SockaddrStorage::from(self.local))
    }
}

/// Lists the open files of this process; the same folder exists on Linux, macOS and the BSDs.
fn open_descriptors() -> impl Iterator<Item = RawFd> {
    let entries = fs::read_dir("/dev/fd").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

/// Returns whether a read or write failed because of a timeout of the socket.
pub(crate) fn is_timeout(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::WouldBlock | ErrorKind::TimedOut)
}
