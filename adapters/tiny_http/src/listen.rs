//! Where a server may listen, and the listening socket.
//! Leaves out accepting, which is tiny_http's.

use std::fmt;
use std::fs::{self, Permissions};
use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use socket2::{Domain, SockAddr, Socket, Type};

use crate::error::BindError;
use crate::limits::Limits;
use crate::running::{self, Running};
use crate::service::Service;

/// Connections that wait to be accepted.
const BACKLOG: i32 = 1024;

/// Where a server listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listen {
    /// A TCP address, which must be in 127.0.0.0/8 or `::1`. Port 0 means any free one.
    Tcp(SocketAddr),
    /// The path of a Unix socket.
    Unix(PathBuf),
}

/// `http://127.0.0.1:8080` or `unix:/run/kunci.sock`.
impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => write!(f, "http://{address}"),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

/// A listening socket. Clients can connect, and wait until it serves. Dropping it closes it.
#[derive(Debug)]
pub struct Bound {
    address: Listen,
    socket: OwnedFd,
    limits: Limits,
    file: Option<SocketFile>,
}

impl Bound {
    /// Where it listens, with the port that port 0 has become.
    pub fn address(&self) -> &Listen {
        &self.address
    }

    /// Starts to serve. What goes wrong from here on is told by [`Running::wait`].
    pub fn serve(self, service: Arc<dyn Service>) -> Running {
        let listener: tiny_http::Listener = match self.address {
            Listen::Tcp(_) => TcpListener::from(self.socket).into(),
            Listen::Unix(_) => UnixListener::from(self.socket).into(),
        };
        running::start(listener, self.address, self.limits, service, self.file)
    }
}

/// Opens the listening socket.
///
/// An IPv4 address in IPv6 clothes (`::ffff:127.0.0.1`) is refused too: say it in IPv4.
///
/// A Unix socket is made with mode 0600, so only its owner, and root, can connect. A socket file on
/// which nobody listens is replaced. Of two servers that start on one path in the same instant, one may
/// take the path from the other.
///
/// # Errors
///
/// See [`BindError`].
pub fn bind(listen: &Listen, limits: Limits) -> Result<Bound, BindError> {
    let limits = limits.workable();
    let failed = |source| BindError::Io {
        address: listen.to_string(),
        source,
    };
    match listen {
        Listen::Tcp(address) if !address.ip().is_loopback() => Err(BindError::NotLoopback(*address)),
        Listen::Tcp(address) => bind_tcp(*address, limits).map_err(failed),
        Listen::Unix(path) => {
            make_room(path)?;
            bind_unix(path, limits).map_err(failed)
        }
    }
}

fn bind_tcp(address: SocketAddr, limits: Limits) -> io::Result<Bound> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    socket.set_reuse_address(true)?;
    // Connections inherit what is set here, and nobody else can set anything on them.
    socket.set_tcp_nodelay(true)?;
    socket.set_read_timeout(Some(limits.idle_time))?;
    socket.set_write_timeout(Some(limits.idle_time))?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    let address = socket.local_addr()?.as_socket().unwrap_or(address);
    Ok(Bound {
        address: Listen::Tcp(address),
        socket: socket.into(),
        limits,
        file: None,
    })
}

fn bind_unix(path: &Path, limits: Limits) -> io::Result<Bound> {
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    socket.bind(&SockAddr::unix(path)?)?;
    let file = SocketFile::at(path)?;
    // Nobody can connect before `listen`, so at no time is there a socket that others may use.
    fs::set_permissions(path, Permissions::from_mode(0o600))?;
    socket.listen(BACKLOG)?;
    let address = Listen::Unix(path.to_owned());
    Ok(Bound {
        address,
        socket: socket.into(),
        limits,
        file: Some(file),
    })
}

/// Removes a socket file on which nobody listens, and nothing else.
fn make_room(path: &Path) -> Result<(), BindError> {
    let failed = |source| BindError::Io {
        address: format!("unix:{}", path.display()),
        source,
    };
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed(error)),
        Ok(file) if !file.file_type().is_socket() => return Err(BindError::NotASocket(path.into())),
        Ok(_) => {}
    }
    match UnixStream::connect(path) {
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => fs::remove_file(path).map_err(failed),
        Err(error) => Err(failed(error)),
        Ok(_) => Err(BindError::Live(path.into())),
    }
}

/// The socket file that this process made. It is removed when this is dropped, unless another process
/// has put its own in the same place.
#[derive(Debug)]
pub(crate) struct SocketFile {
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
