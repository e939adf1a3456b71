//! Connects to the server's own listener, to free forgotten connections and to check the accept loop.
//!
//! tiny_http assigns a connection to a thread that it considers idle. In a burst it counts one thread
//! several times, and the surplus connections wait until another one closes. A connection that closes at
//! once frees one of them: the thread that served it takes the next connection that waits.

use std::io::{self, ErrorKind};
use std::sync::atomic::Ordering;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use kunci_transport::Listen;
use socket2::{Domain, SockAddr, Socket, Type};

use crate::error::{End, ServeError};
use crate::host::Host;

/// The pause between two rounds. The accept loop must never wait for as long as the timeout of the listening
/// socket, which is at least two seconds.
const PAUSE: Duration = Duration::from_millis(100);

/// Connections in each round while requests arrive, and the rounds for which this goes on. Other rounds have
/// one.
const BUSY_CONNECTS: usize = 8;
const BUSY_ROUNDS: usize = 10;

/// How long connecting may take on TCP.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// Connects again and again until the server must end, and returns why.
pub(crate) fn run(address: &Listen, host: &Host, ends: &Receiver<End>) -> End {
    let mut busy: usize = 0;
    loop {
        if let Ok(end) = ends.recv_timeout(PAUSE) {
            return end;
        }
        let is_active = host.is_active.swap(false, Ordering::Relaxed);
        busy = if is_active {
            BUSY_ROUNDS
        } else {
            busy.saturating_sub(1)
        };
        let connects = if busy > 0 { BUSY_CONNECTS } else { 1 };
        for _ in 0..connects {
            if let Err(source) = connect(address)
                && matches!(source.kind(), ErrorKind::ConnectionRefused | ErrorKind::NotFound)
            {
                let address = address.to_string();
                return Err(ServeError::Unreachable { address, source });
            }
        }
    }
}

fn connect(address: &Listen) -> io::Result<()> {
    match address {
        Listen::Tcp(address) => {
            let socket = Socket::new(Domain::for_address(*address), Type::STREAM, None)?;
            // A reset leaves no address in TIME_WAIT. On other systems than Linux, a connection that is
            // reset before it is accepted can make `accept` fail, which ends tiny_http's accept loop.
            if cfg!(target_os = "linux") {
                socket.set_linger(Some(Duration::ZERO))?;
            }
            socket.connect_timeout(&(*address).into(), CONNECT_TIMEOUT)
        }
        Listen::Unix(path) => {
            let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
            // With a full backlog, connecting fails instead of blocking.
            socket.set_nonblocking(true)?;
            socket.connect(&SockAddr::unix(path)?)
        }
    }
}
