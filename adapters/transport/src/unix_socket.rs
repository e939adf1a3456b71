//! Opens Unix sockets. Only the owner of a socket file and root can connect. Stale files are replaced, and the
//! file is removed at the end.

use std::fs::{self, Permissions};
use std::io::{self, ErrorKind};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use socket2::{Domain, SockAddr, Socket, Type};
use thiserror::Error;

use crate::listen::BACKLOG;

/// The error of [`bind_unix`].
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum UnixSocketError {
    /// Another process listens on this Unix socket.
    #[error("another process is listening on unix:{}", .0.display())]
    Live(PathBuf),
    /// The file at this path is not a socket. It is not changed.
    #[error("{} exists and is not a socket", .0.display())]
    NotASocket(PathBuf),
    /// The operating system reports an error.
    #[error("cannot listen on unix:{}", path.display())]
    Io {
        /// The path.
        path: PathBuf,
        /// The error of the operating system.
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

/// Listens on a Unix socket. Its file has mode 0600, so only its owner and root can connect.
///
/// If the socket file is stale, because no process listens on it, it is replaced. If two servers start on the
/// same path at the same time, one can take the path from the other.
///
/// # Errors
/// Returns [`UnixSocketError`] if another process listens on the path, if the path is not a socket, or if the
/// operating system reports an error.
pub fn bind_unix(path: &Path) -> Result<(UnixListener, SocketFile), UnixSocketError> {
    remove_stale(path)?;
    listen(path).map_err(|source| UnixSocketError::io(path, source))
}

fn listen(path: &Path) -> io::Result<(UnixListener, SocketFile)> {
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    socket.bind(&SockAddr::unix(path)?)?;
    let file = SocketFile::at(path)?;
    // No client can connect before `listen`, so other users never get access.
    fs::set_permissions(path, Permissions::from_mode(0o600))?;
    socket.listen(BACKLOG)?;
    Ok((OwnedFd::from(socket).into(), file))
}

/// Removes a stale socket file, and no other file.
fn remove_stale(path: &Path) -> Result<(), UnixSocketError> {
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

/// A socket file that this process created. It is removed on drop, unless another process has replaced it.
#[derive(Debug)]
pub struct SocketFile {
    path: PathBuf,
    /// Device and inode.
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
            // A file that cannot be removed is stale, and the next start replaces it.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Returns the device and inode of a file.
fn identity(path: &Path) -> io::Result<(u64, u64)> {
    let metadata = fs::symlink_metadata(path)?;
    Ok((metadata.dev(), metadata.ino()))
}
