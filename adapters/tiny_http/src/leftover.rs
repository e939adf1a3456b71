//! Bodies that were refused but are still on their connection, kept where they block nobody.
//!
//! tiny_http reads on behind a body as soon as its reader is dropped, and the readers differ: the one of
//! a declared length first allocates and reads what is left of it, the one of chunks leaves everything
//! to be read as requests. So a leftover is dropped only when nothing of it is left, or when the client
//! has closed; until then it has a thread of its own. What must never be dropped is lost on purpose.
//! Leaves out the answer to the request, which has been written before.

use std::io::{ErrorKind, Read};
use std::mem::{self, ManuallyDrop};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{Builder, sleep};
use std::time::Duration;

use tiny_http::ReadWrite;

use crate::control::Control;
use crate::error::ServeError;
use crate::peer_state::{Ends, may_send};
use crate::peers::Peers;

/// A connection that stands in the middle of a body.
pub(crate) type Stream = Box<dyn ReadWrite + Send>;

/// Longest declared body of which the rest may be allocated, in bytes. The allocation is of zeroes and
/// used only as far as the client sends, so it costs addresses rather than memory.
pub(crate) const LONGEST_DROPPED: usize = 64 * 1024 * 1024;

/// Leftovers that have a thread of their own; more are lost.
const MOST_KEPT: usize = 64;

/// How often, in seconds, it is looked whether a client that was refused has closed, before its
/// connection is given up for lost.
const SECONDS_TO_CLOSE: usize = 60;

const PIECE: usize = 16 * 1024;

/// What has to happen before a leftover is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Until {
    /// Its declared length has been read.
    Read,
    /// Its last chunk has been read.
    LastChunk,
    /// The client has closed the connection: where the body ends is not known.
    Closed,
    /// It must never be dropped.
    Never,
}

/// The leftovers of one server.
#[derive(Debug)]
pub(crate) struct Leftovers {
    control: Arc<Control>,
    peers: Arc<Peers>,
    most_lost: usize,
    lost: AtomicUsize,
    kept: AtomicUsize,
}

impl Leftovers {
    pub(crate) fn new(control: Arc<Control>, peers: Arc<Peers>, most_lost: usize) -> Arc<Self> {
        Arc::new(Self {
            control,
            peers,
            most_lost,
            lost: AtomicUsize::new(0),
            kept: AtomicUsize::new(0),
        })
    }

    /// Takes a connection over. Never waits. `ends` are those of a TCP connection.
    pub(crate) fn keep(self: &Arc<Self>, stream: Stream, until: Until, ends: Option<Ends>) {
        let full = self.kept.load(Ordering::Relaxed) >= MOST_KEPT;
        if full || until == Until::Never {
            return self.lose(stream);
        }
        self.kept.fetch_add(1, Ordering::Relaxed);
        // A thread that does not start drops what it was to do, which must not drop the stream.
        let mut stream = ManuallyDrop::new(stream);
        let leftovers = Arc::clone(self);
        let work = move || {
            if stream_is_done(&mut **stream, until, ends, &leftovers.peers) {
                drop(ManuallyDrop::into_inner(stream));
            } else {
                leftovers.lose(stream);
            }
            leftovers.kept.fetch_sub(1, Ordering::Relaxed);
        };
        let started = Builder::new().name("kunci-leftover".to_owned()).spawn(work);
        if started.is_err() {
            self.kept.fetch_sub(1, Ordering::Relaxed);
            self.count_lost();
        }
    }

    /// Leaks what must not be dropped. Its connection stays open, with its thread, until the process
    /// ends; so when there are too many of these, the server ends in good order first.
    pub(crate) fn lose<T>(&self, leftover: T) {
        mem::forget(leftover);
        self.count_lost();
    }

    fn count_lost(&self) {
        let lost = self.lost.fetch_add(1, Ordering::Relaxed) + 1;
        tracing::warn!(
            lost,
            most = self.most_lost,
            "a connection is lost for good to a body that tiny_http cannot skip"
        );
        if lost > self.most_lost {
            self.control.fail(ServeError::LostConnections(lost));
        }
    }
}

/// Waits for what the leftover waits for, and says whether it may be dropped now.
fn stream_is_done(stream: &mut dyn Read, until: Until, ends: Option<Ends>, peers: &Peers) -> bool {
    match until {
        Until::Read => {
            read_sized(stream);
            true
        }
        Until::LastChunk => read_chunks(stream) || has_closed(ends, peers),
        Until::Closed => has_closed(ends, peers),
        Until::Never => false,
    }
}

/// Reads to the end of a declared length, or of the connection. A deadline that passes changes
/// nothing: dropping the reader in the middle would turn the rest into a request.
fn read_sized(stream: &mut dyn Read) {
    let mut piece = [0; PIECE];
    loop {
        match stream.read(&mut piece) {
            Ok(0) => return,
            Ok(_) => {}
            Err(error) => match error.kind() {
                ErrorKind::Interrupted | ErrorKind::WouldBlock | ErrorKind::TimedOut => {}
                _ => return,
            },
        }
    }
}

/// Reads to the last chunk, and says whether it came. After any error the decoder may stand within
/// the line of a chunk's length, so reading on would find chunks that are none.
fn read_chunks(stream: &mut dyn Read) -> bool {
    let mut piece = [0; PIECE];
    loop {
        match stream.read(&mut piece) {
            Ok(0) => return true,
            Ok(_) => {}
            Err(_) => return false,
        }
    }
}

/// Waits for the client to close. What it sent before is still read as requests when the reader is
/// dropped, so the client is cut off anew.
fn has_closed(ends: Option<Ends>, peers: &Peers) -> bool {
    let Some(ends) = ends else { return false };
    for _ in 0..SECONDS_TO_CLOSE {
        match may_send(ends) {
            None => return false,
            Some(false) => {
                peers.cut_off(ends.peer);
                return true;
            }
            Some(true) => sleep(Duration::from_secs(1)),
        }
    }
    false
}
