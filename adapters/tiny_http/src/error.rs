//! The errors of starting and running a server.

use std::io;
use std::net::SocketAddr;

use kunci_transport::UnixSocketError;
use thiserror::Error;

/// The error of [`crate::bind`].
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum BindError {
    /// The address is not a loopback address, or is one mapped to IPv6.
    #[error(
        "tiny_http serves only 127.0.0.0/8, ::1 and Unix sockets, not {0}; use --transport hyper for any \
         other address"
    )]
    NotLoopback(SocketAddr),
    /// The Unix socket cannot be opened.
    #[error(transparent)]
    Unix(#[from] UnixSocketError),
    /// The operating system refused.
    #[error("cannot listen on {address}")]
    Io {
        /// The address, such as `127.0.0.1:8080`.
        address: String,
        /// The error of the operating system.
        source: io::Error,
    },
}

/// The error of a server that ended without being stopped. The process should exit with a non-zero
/// status, so that its service manager restarts it.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ServeError {
    /// tiny_http reported an error and accepts no more connections. The usual cause is that the process
    /// has no file descriptor left.
    #[error("tiny_http accepts no more connections; restart, perhaps with more open files")]
    Accept(#[source] io::Error),
    /// Connecting to the server's own address failed: the accept loop has ended, or the socket file has
    /// been removed.
    #[error("nothing answers at {address} any more; restart, perhaps with more open files")]
    Unreachable {
        /// The address, such as `127.0.0.1:8080`.
        address: String,
        /// The error of connecting.
        source: io::Error,
    },
    /// tiny_http or one of its threads could not be started.
    #[error("cannot start the server")]
    Start(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// The reason for which a server must end.
pub(crate) type End = Result<(), ServeError>;
