//! The keeper: connects to the server's own listener, to set forgotten connections going and to see
//! that somebody accepts.
//!
//! tiny_http gives a connection to a thread that it takes for idle, and in a burst it takes one thread
//! for idle several times; the connections in surplus wait until some other one closes. A connection
//! that closes at once is such a one: the thread that served it takes the next that waits.
//! Leaves out what happens when nobody accepts any more, which is the supervisor's.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};
use std::time::Duration;

use socket2::{Domain, SockAddr, Socket, Type};

use crate::control::Control;
use crate::error::ServeError;
use crate::listen::Listen;
use crate::peers::Peers;

/// How often the keeper looks whether there is something to do.
const BEAT: Duration = Duration::from_millis(100);

/// Connections in each beat for a while after a newcomer, when some may be forgotten.
const BUSY_CONNECTS: usize = 8;

/// Beats that follow a newcomer's.
const BUSY_BEATS: usize = 20;

/// Of the other beats, each of this many has one connection. More would do nothing but keep tiny_http's
/// idle threads from ending.
const IDLE_BEATS: usize = 5;

/// How long a TCP connection may take to be made.
const PATIENCE: Duration = Duration::from_secs(1);

/// Watches over the server until its end is announced.
pub(crate) fn keep(address: &Listen, control: &Control, newcomers: &Newcomers, peers: &Peers) {
    let (mut busy, mut beat, mut told) = (0, 0, false);
    while !control.ends_within(BEAT) {
        beat = (beat + 1) % IDLE_BEATS;
        peers.sweep();
        busy = if newcomers.take() {
            BUSY_BEATS
        } else {
            usize::saturating_sub(busy, 1)
        };
        let connects = match (busy, beat) {
            (0, 0) => 1,
            (0, _) => 0,
            _ => BUSY_CONNECTS,
        };
        for _ in 0..connects {
            let Err(source) = connect(address) else {
                told = false;
                continue;
            };
            if matches!(source.kind(), ErrorKind::ConnectionRefused | ErrorKind::NotFound) {
                return control.fail(ServeError::Unreachable {
                    address: address.to_string(),
                    source,
                });
            }
            if !told {
                told = true;
                tracing::warn!(%address, %source, "the keeper cannot connect to its own server");
            }
        }
    }
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
