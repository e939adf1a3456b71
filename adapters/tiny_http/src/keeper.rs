//! The keeper: connects to the server's own listener, to set forgotten connections going and to see
//! that somebody accepts.
//!
//! tiny_http gives a connection to a thread that it takes for idle, and in a burst it takes one thread
//! for idle several times; the connections in surplus wait until some other one closes. A connection
//! that closes at once is such a one: the thread that served it takes the next that waits.
//! Leaves out how often it connects, which is its pace, and what happens when nobody accepts any more, which is
//! the supervisor's.

use std::fs;
use std::io::{self, ErrorKind};
use std::mem;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};
use std::time::Duration;

use kunci_transport::Listen;
use socket2::{Domain, SockAddr, Socket, Type};

use crate::control::Control;
use crate::error::ServeError;
use crate::pace::{BEAT, HURRY, Pace};
use crate::peers::Peers;

/// How long a TCP connection may take to be made.
const PATIENCE: Duration = Duration::from_secs(1);

/// Watches over the server until its end is announced.
pub(crate) fn keep(address: &Listen, control: &Control, newcomers: &Newcomers, peers: &Peers) {
    let mut keeper = Keeper {
        address,
        has_complained: false,
    };
    let mut pace = Pace::new(threads());
    while !ends_before_next_beat(control, &pace) {
        peers.sweep();
        for _ in 0..pace.connects(newcomers.take(), threads) {
            if let Err(error) = keeper.connect() {
                return control.fail(error);
            }
        }
    }
}

/// Waits for the next beat, and says whether the server ends before.
fn ends_before_next_beat(control: &Control, pace: &Pace) -> bool {
    let time = match pace.pause() {
        Some(pause) => pause,
        None if control.is_nudged_within(BEAT) => HURRY,
        None => Duration::ZERO,
    };
    control.ends_within(time)
}

struct Keeper<'a> {
    address: &'a Listen,
    has_complained: bool,
}

impl Keeper<'_> {
    /// Connects once, and fails only if there is nobody to connect to.
    fn connect(&mut self) -> Result<(), ServeError> {
        let Err(source) = connect(self.address) else {
            self.has_complained = false;
            return Ok(());
        };
        let address = self.address.to_string();
        if matches!(source.kind(), ErrorKind::ConnectionRefused | ErrorKind::NotFound) {
            return Err(ServeError::Unreachable { address, source });
        }
        if !mem::replace(&mut self.has_complained, true) {
            tracing::warn!(address, %source, "the keeper cannot connect to its own server");
        }
        Ok(())
    }
}

/// How many threads the process has, as far as the system tells.
fn threads() -> Option<usize> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let count = status.lines().find_map(|line| line.strip_prefix("Threads:"))?;
    count.trim().parse().ok()
}

fn connect(address: &Listen) -> io::Result<()> {
    match address {
        Listen::Tcp(address) => {
            let socket = Socket::new(Domain::for_address(*address), Type::STREAM, None)?;
            // A reset instead of a farewell leaves nothing behind, where otherwise thousands of
            // addresses would wait out a minute each. Elsewhere than on Linux, a connection that was
            // reset before it is accepted can be an error of `accept`, which tiny_http does not survive.
            if cfg!(target_os = "linux") {
                socket.set_linger(Some(Duration::ZERO))?;
            }
            socket.connect_timeout(&(*address).into(), PATIENCE)
        }
        Listen::Unix(path) => {
            let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
            // So that a full backlog is an error, not a wait without an end.
            socket.set_nonblocking(true)?;
            socket.connect(&SockAddr::unix(path)?)
        }
    }
}

/// Whether requests have come in on connections that were not there before. Kept so that a request on
/// an old connection costs one look at one number.
#[derive(Debug)]
pub(crate) struct Newcomers {
    /// The clients' ports, each in the place that its last bits give.
    ports: Box<[AtomicU16; PLACES]>,
    came: AtomicBool,
}

const PLACES: usize = 4096;

impl Default for Newcomers {
    fn default() -> Self {
        let ports = Box::new([const { AtomicU16::new(0) }; PLACES]);
        Self {
            ports,
            came: AtomicBool::new(false),
        }
    }
}

impl Newcomers {
    /// Notes that a request has come in, and says whether that is the first news since the last time that
    /// somebody asked for it. Without an address every client is a newcomer.
    pub(crate) fn note(&self, peer: Option<SocketAddr>) -> bool {
        if let Some(peer) = peer {
            let place = &self.ports[usize::from(peer.port()) % PLACES];
            if place.load(Ordering::Relaxed) == peer.port() {
                return false;
            }
            place.store(peer.port(), Ordering::Relaxed);
        }
        // It is written only when that is news, so that workers do not pass a cache line around.
        !self.came.load(Ordering::Relaxed) && !self.came.swap(true, Ordering::Relaxed)
    }

    /// Whether there were newcomers since the last time that this was asked.
    fn take(&self) -> bool {
        self.came.swap(false, Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_is_new_once() {
        let newcomers = Newcomers::default();
        let client = |port| Some(SocketAddr::from(([127, 0, 0, 1], port)));
        assert!(!newcomers.take());
        assert!(newcomers.note(client(40_000)));
        assert!(newcomers.take());
        assert!(!newcomers.note(client(40_000)));
        assert!(!newcomers.take());
        assert!(newcomers.note(client(40_001)));
        assert!(!newcomers.note(client(40_002)), "there was one already");
        assert!(newcomers.take());
        assert!(newcomers.note(None));
        assert!(!newcomers.note(None));
        assert!(newcomers.take());
        assert!(!newcomers.take());
    }
}
