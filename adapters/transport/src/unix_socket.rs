//! Unix sockets as files: made for their owner only, replaced when stale, removed at the end.
//! Leaves out accepting.

use std::fs::{self, Permissions};
use std::io::{self, ErrorKind};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use socket2::{Domain, SockAddr, Socket, Type};
use thiserror::Error;

use crate::listen::BACKLOG;

/// Why a path cannot be listened on.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum UnixSocketError {
    /// Another process answers on that Unix socket.
    #[error("another process is listening on unix:{}", .0.display())]
    Live(PathBuf),
    /// There is a file at that path which is no socket; it is left alone.
    #[error("{} exists and is not a socket", .0.display())]
    NotASocket(PathBuf),
    /// The operating system refused.
    #[error("cannot listen on unix:{}", path.display())]
    Io {
        /// The path.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
}

impl UnixSocketError {
    fn io(path: &Path, source: io::Error) -> Self {
        Self::Io {
            path: path.to_owned(),
            source,
        }
    }
}

/// Listens on a Unix socket, which is made with mode 0600, so only its owner, and root, can connect.
///
/// A socket file on which nobody listens is replaced. Of two servers that start on one path in the same
/// instant, one may take the path from the other.
///
/// # Errors
/// [`UnixSocketError`].
pub fn bind_unix(path: &Path) -> Result<(UnixListener, SocketFile), UnixSocketError> {
    make_room(path)?;
    listen(path).map_err(|source| UnixSocketError::io(path, source))
}

fn listen(path: &Path) -> io::Result<(UnixListener, SocketFile)> {
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    socket.bind(&SockAddr::unix(path)?)?;
    let file = SocketFile::at(path)?;
    // Nobody can connect before `listen`, so at no time is there a socket that others may use.
    fs::set_permissions(path, Permissions::from_mode(0o600))?;
    socket.listen(BACKLOG)?;
    Ok((OwnedFd::from(socket).into(), file))
}

/// Removes a socket file on which nobody listens, and nothing else.
fn make_room(path: &Path) -> Result<(), UnixSocketError> {
    let failed = |source| UnixSocketError::io(path, source);
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed(error)),
        Ok(file) if !file.file_type().is_socket() => return Err(UnixSocketError::NotASocket(path.into())),
        Ok(_) => {}
    }
    match UnixStream::connect(path) {
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => fs::remove_file(path).map_err(failed),
        Err(error) => Err(failed(error)),
        Ok(_) => Err(UnixSocketError::Live(path.into())),
    }
}

/// The socket file that this process made. It is removed when this is dropped, unless another process
/// has put its own in the same place.
#[derive(Debug)]
pub struct SocketFile {
    path: PathBuf,
    identity: (u64, u64),
}

impl SocketFile {
    fn at(path: &Path) -> io::Result<Self> {
        Ok(Self {
            identity: identity(path)?,
            path: path.to_owned(),
        })
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        if identity(&self.path).is_ok_and(|identity| identity == self.identity) {
            // What cannot be removed is stale, and the next start replaces it.
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn identity(path: &Path) -> io::Result<(u64, u64)> {
    let metadata = fs::symlink_metadata(path)?;
    Ok((metadata.dev(), metadata.ino()))
}
