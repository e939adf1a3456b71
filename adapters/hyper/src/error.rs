//! Errors of starting and running a server.

use std::io;
use std::path::PathBuf;

use kunci_transport::UnixSocketError;
use thiserror::Error;

/// The error of [`crate::bind`].
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum BindError {
    /// The Unix socket cannot be opened.
    #[error(transparent)]
    Unix(#[from] UnixSocketError),
    /// The operating system reports an error.
    #[error("cannot listen on {address}")]
    Io {
        /// The address, such as `127.0.0.1:8080`.
        address: String,
        /// The error of the operating system.
        #[source]
        source: io::Error,
    },
    /// A socket from `LISTEN_FDS` is not a listening stream socket.
    #[error("socket {index} from LISTEN_FDS is not a listening TCP or Unix socket")]
    Inherited {
        /// The index, counted from zero.
        index: usize,
        /// The error of the operating system.
        #[source]
        source: io::Error,
    },
}

/// The error of loading a certificate and its key. No message contains any part of the key.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TlsError {
    /// The file cannot be read, or is not valid PEM.
    #[error("cannot read {}: {reason}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong with the file.
        reason: String,
    },
    /// The file has no certificate.
    #[error("{} has no certificate", .0.display())]
    NoCertificate(PathBuf),
    /// The certificate and its key do not match, or are not supported.
    #[error("the certificate and its key cannot be used: {0}")]
    Unusable(String),
}

/// The error of a server that could not start or that panicked.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ServeError {
    /// A runtime, a thread or a listening socket could not be started.
    #[error("cannot start the server")]
    Start(#[source] io::Error),
    /// A thread of the server panicked.
    #[error("the server panicked")]
    Panicked,
}
