//! Opens the listening socket.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixListener;
use std::sync::Arc;
use std::time::Duration;

use kunci_transport::{BACKLOG, Listen, Service, SocketFile, bind_unix};
use socket2::{Domain, Socket, Type};

use crate::error::BindError;
use crate::limits::Limits;
use crate::running::{self, Running};

/// The timeout of one write on TCP. A client that does not read its response holds a worker until then.
const WRITE_TIMEOUT: Duration = Duration::from_secs(5);

/// A listening socket. Clients can connect, and wait until it serves. Dropping it closes it.
#[derive(Debug)]
pub struct Bound {
    address: Listen,
    socket: OwnedFd,
    limits: Limits,
    file: Option<SocketFile>,
}

impl Bound {
    /// Returns the address, with the port that was chosen for port 0.
    pub fn address(&self) -> &Listen {
        &self.address
    }

    /// Starts to serve. [`Running::wait`] reports all errors from here on.
    pub fn serve(self, service: Arc<dyn Service>) -> Running {
        let listener: tiny_http::Listener = match self.address {
            Listen::Tcp(_) => TcpListener::from(self.socket).into(),
            Listen::Unix(_) => UnixListener::from(self.socket).into(),
        };
        running::start(listener, self.address, self.limits, service, self.file)
    }
}

/// Opens the listening socket. A TCP address must be in `127.0.0.0/8` or `::1`.
///
/// An IPv4 address mapped to IPv6 (`::ffff:127.0.0.1`) is refused. For Unix sockets see
/// [`kunci_transport::bind_unix`].
///
/// # Errors
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
            let (listener, file) = bind_unix(path)?;
            Ok(Bound {
                address: listen.clone(),
                socket: listener.into(),
                limits,
                file: Some(file),
            })
        }
    }
}

fn bind_tcp(address: SocketAddr, limits: Limits) -> io::Result<Bound> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    socket.set_reuse_address(true)?;
    // On Linux, accepted connections inherit these options. tiny_http sets none of them.
    socket.set_tcp_nodelay(true)?;
    socket.set_read_timeout(Some(limits.idle_time))?;
    socket.set_write_timeout(Some(WRITE_TIMEOUT))?;
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
