//! Why a server could not start, and why one that ran has ended. Causes are sources, not text.
//! Leaves out what a single request did wrong: that is an answer, not an error.

use std::io;
use std::net::SocketAddr;

use kunci_transport::UnixSocketError;
use thiserror::Error;

/// Why [`crate::bind`] gave no listener.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum BindError {
    /// The address can be reached from elsewhere, or is loopback in disguise.
    #[error(
        "tiny_http serves only 127.0.0.0/8, ::1 and Unix sockets, not {0}: it has no deadline and no \
         limit on what a client sends before a handler sees it; use --transport hyper for any other \
         address"
    )]
    NotLoopback(SocketAddr),
    /// A path cannot be listened on.
    #[error(transparent)]
    Unix(#[from] UnixSocketError),
    /// The operating system refused.
    #[error("cannot listen on {address}")]
    Io {
        /// Where, as in `127.0.0.1:8080`.
        address: String,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
}

/// Why a running server ended without having been stopped. The process should exit with a non-zero
/// status, so that its supervisor starts it again.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ServeError {
    /// tiny_http reported an error and stopped accepting connections for good. The usual cause is
    /// that the process has no file descriptor left.
    #[error("tiny_http accepts no more connections; restart, perhaps with more open files")]
    Accept(#[source] io::Error),
    /// Nothing listens any more where the server should: the accept loop has died without a word, or
    /// the socket file is gone.
    #[error("nothing answers at {address} any more; restart, perhaps with more open files")]
    Unreachable {
        /// Where, as in `127.0.0.1:8080` or `unix:/run/kunci.sock`.
        address: String,
        /// What connecting there said.
        #[source]
        source: io::Error,
    },
    /// More connections were lost than [`crate::Limits::lost_connections`] allows.
    #[error(
        "{0} connections are lost for good to bodies that tiny_http cannot skip; restart, and let the \
         proxy in front bound bodies"
    )]
    LostConnections(usize),
    /// A thread could not be started.
    #[error("cannot start a thread")]
    Thread(#[source] io::Error),
    /// tiny_http did not take the listening socket over.
    #[error("tiny_http did not take the listening socket")]
    Start(#[source] Box<dyn std::error::Error + Send + Sync>),
}
