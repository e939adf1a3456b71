//! The keeper: connects to the server's own listener, to set forgotten connections going and to see
//! that somebody accepts.
//!
//! tiny_http gives a connection to a thread that it takes for idle, and in a burst it takes one thread
//! for idle several times; the connections in surplus wait until some other one closes. A connection
//! that closes at once is such a one: the thread that served it takes the next that waits.
//! Leaves out what happens when nobody accepts any more, which is the supervisor's.

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
use crate::peers::Peers;

/// How often the keeper looks whether there is something to do.
const BEAT: Duration = Duration::from_millis(100);

/// Connections in each beat for a while, when some may be forgotten.
const BUSY_CONNECTS: usize = 8;

/// Beats for which the keeper stays busy after it has seen a reason.
const BUSY_BEATS: usize = 5;

/// Of the other beats, each of this many has one connection. More would do nothing but keep tiny_http's
/// idle threads from ending.
const IDLE_BEATS: usize = 5;

/// How long a TCP connection may take to be made.
const PATIENCE: Duration = Duration::from_secs(1);

/// Watches over the server until its end is announced.
pub(crate) fn keep(address: &Listen, control: &Control, newcomers: &Newcomers, peers: &Peers) {
    let mut keeper = Keeper {
        address,
        beat: 0,
        busy: 0,
        threads: threads(),
        has_complained: false,
    };
    while !control.ends_within(BEAT) {
        peers.sweep();
        for _ in 0..keeper.connects(newcomers) {
            if let Err(error) = keeper.connect() {
                return control.fail(error);
            }
        }
    }
}

struct Keeper<'a> {
    address: &'a Listen,
    beat: usize,
    /// Busy beats that are left.
    busy: usize,
    /// How many threads there were at the last connection.
    threads: Option<usize>,
    has_complained: bool,
}

impl Keeper<'_> {
    /// How many connections this beat has.
    ///
    /// There are two reasons to be busy. Newcomers may have come in a burst. And a thread that has
    /// served one of our connections becomes idle, and serves the next, unless there was a forgotten
    /// one to take: so when threads grow in number, there may be more of these.
    fn connects(&mut self, newcomers: &Newcomers) -> usize {
        self.beat = (self.beat + 1) % IDLE_BEATS;
        self.busy = self.busy.saturating_sub(1);
        if newcomers.take() {
            self.busy = BUSY_BEATS;
        }
        if self.busy == 0 && self.beat != 0 {
            return 0;
        }
        let before = mem::replace(&mut self.threads, threads());
        if self.threads > before {
            self.busy = BUSY_BEATS;
        }
        if self.busy == 0 { 1 } else { BUSY_CONNECTS }
    }

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
    /// Notes that a request has come in. Without an address every client is a newcomer.
    pub(crate) fn note(&self, peer: Option<SocketAddr>) {
        if let Some(peer) = peer {
            let place = &self.ports[usize::from(peer.port()) % PLACES];
            if place.load(Ordering::Relaxed) == peer.port() {
                return;
            }
            place.store(peer.port(), Ordering::Relaxed);
        }
        if !self.came.load(Ordering::Relaxed) {
            self.came.store(true, Ordering::Relaxed);
        }
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
        newcomers.note(client(40_000));
        assert!(newcomers.take());
        newcomers.note(client(40_000));
        assert!(!newcomers.take());
        newcomers.note(client(40_001));
        assert!(newcomers.take());
        newcomers.note(None);
        newcomers.note(None);
        assert!(newcomers.take());
        assert!(!newcomers.take());
    }
}
