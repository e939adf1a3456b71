//! Why a server could not start, and why its certificate could not be read. Causes are sources, not text.
//! Leaves out what a single request did wrong: that is an answer, not an error.

use std::io;
use std::path::PathBuf;

use kunci_transport::UnixSocketError;
use thiserror::Error;

/// Why there is no listener.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum BindError {
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
    /// A socket that was handed over is of no use: `LISTEN_FDS` counts one that is no listening stream.
    #[error("socket {index} of LISTEN_FDS is no listening TCP or Unix socket")]
    Inherited {
        /// Which one, counted from zero.
        index: usize,
        /// What is wrong with it.
        #[source]
        source: io::Error,
    },
}

/// Why a certificate and its key cannot be used. No error shows anything of the key.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TlsError {
    /// The file cannot be read, or is no PEM.
    #[error("cannot read {}: {reason}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The file has no certificate.
    #[error("{} has no certificate", .0.display())]
    NoCertificate(PathBuf),
    /// Certificate and key do not fit, or cannot be used.
    #[error("the certificate and its key cannot be used: {0}")]
    Unusable(String),
}

/// Why a running server ended without having been stopped.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The runtime, or a thread of it, could not be started.
    #[error("cannot start the runtime")]
    Start(#[source] io::Error),
    /// A thread of the server has panicked.
    #[error("the server has panicked")]
    Panicked,
}
