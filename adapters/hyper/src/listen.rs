//! Opens listening sockets, and takes over sockets that systemd passes to the process.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::net::UnixListener;
use std::path::PathBuf;

use kunci_transport::{BACKLOG, Listen, SocketFile, bind_unix};
use listenfd::ListenFd;
use socket2::{Domain, SockRef, Socket, Type};

use crate::error::BindError;

/// A listening socket. Clients can connect, but get no response until the server starts.
#[derive(Debug)]
pub(crate) enum Listener {
    Tcp(TcpListener),
    Unix(UnixListener, Option<SocketFile>),
}

/// Opens a listening socket, and returns it with its actual address.
pub(crate) fn bind(listen: &Listen) -> Result<(Listen, Listener), BindError> {
    match listen {
        Listen::Tcp(address) => bind_tcp(*address).map_err(|source| BindError::Io {
            address: listen.to_string(),
            source,
        }),
        Listen::Unix(path) => {
            let (listener, file) = bind_unix(path)?;
            Ok((listen.clone(), Listener::Unix(listener, Some(file))))
        }
    }
}

fn bind_tcp(address: SocketAddr) -> io::Result<(Listen, Listener)> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    socket.set_reuse_address(true)?;
    if address.is_ipv6() {
        // Makes `[::]` accept IPv6 only, regardless of the system's default.
        socket.set_only_v6(true)?;
    }
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    with_nodelay(socket.into())
}

/// Sets `TCP_NODELAY`, which accepted connections inherit.
fn with_nodelay(listener: TcpListener) -> io::Result<(Listen, Listener)> {
    SockRef::from(&listener).set_tcp_nodelay(true)?;
    Ok((Listen::Tcp(listener.local_addr()?), Listener::Tcp(listener)))
}

/// Returns the sockets that a service manager opened for this process (`LISTEN_FDS`, see sd_listen_fds(3)).
pub(crate) fn inherited() -> Result<Vec<(Listen, Listener)>, BindError> {
    let mut passed_sockets = ListenFd::from_env();
    (0..passed_sockets.len())
        .map(|index| {
            take_listener(&mut passed_sockets, index).map_err(|source| BindError::Inherited { index, source })
        })
        .collect()
}

fn take_listener(passed_sockets: &mut ListenFd, index: usize) -> io::Result<(Listen, Listener)> {
    if let Ok(Some(listener)) = passed_sockets.take_tcp_listener(index) {
        return with_nodelay(listener);
    }
    let missing = || io::Error::other("no socket has this index");
    let listener = passed_sockets.take_unix_listener(index)?.ok_or_else(missing)?;
    let path = listener.local_addr()?.as_pathname().map(PathBuf::from);
    Ok((
        Listen::Unix(path.unwrap_or_default()),
        Listener::Unix(listener, None),
    ))
}
