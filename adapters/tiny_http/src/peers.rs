//! What is remembered about single TCP connections, by the client's address: that a request of theirs
//! is in other hands than the quick workers', or that nothing more of theirs is to be answered.
//!
//! tiny_http hands pipelined requests out all at once and makes whoever writes an answer wait for the
//! answers before it. A quick worker must not wait for a slow one, so what comes behind a request that
//! was passed on is parked here. Leaves out connections on Unix sockets, which have no address.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::mem;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::exchange::Exchange;

/// Requests of one connection that may be parked; a client that pipelines more is cut off.
const MOST_PARKED: usize = 16;

/// How long a client stays cut off. What was smuggled arrives with the request that carried it; for
/// much longer, the address could belong to another connection.
const CUT_OFF_TIME: Duration = Duration::from_secs(10);

/// What becomes of a request.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "it is taken apart at once, and a box would cost every request an allocation"
)]
pub(crate) enum Admission {
    /// It is to be answered now.
    Admitted(Exchange),
    /// It is parked until the one before it is answered.
    Parked,
    /// It, and what was parked before it, must not be answered.
    Refused(Vec<Exchange>),
}

/// The connections about which something is remembered.
#[derive(Debug, Default)]
pub(crate) struct Peers {
    /// How many these are: mostly none, and then nobody needs the lock.
    remembered: AtomicUsize,
    table: Mutex<Table>,
}

#[derive(Debug, Default)]
struct Table {
    /// What is parked behind a request that was passed on.
    parked: HashMap<SocketAddr, VecDeque<Exchange>>,
    cut_off: HashMap<SocketAddr, CutOff>,
}

#[derive(Clone, Copy, Debug)]
struct CutOff {
    since: Instant,
    /// Whether the request that caused this has its turn: those before it are still answered.
    is_silenced: bool,
}

impl Peers {
    /// Decides about a request that has just come in. When it is going to be passed on, what the same
    /// client sends from now on is parked.
    pub(crate) fn admit(&self, mut exchange: Exchange, passes_on: bool) -> Admission {
        let Some(peer) = exchange.peer.filter(|_| passes_on || self.remembers_any()) else {
            return Admission::Admitted(exchange);
        };
        let mut table = self.lock();
        let admission = match table.parked.entry(peer) {
            Entry::Occupied(_) => table.park(peer, exchange),
            Entry::Vacant(place) if passes_on => {
                place.insert(VecDeque::new());
                exchange.is_ahead = true;
                Admission::Admitted(exchange)
            }
            Entry::Vacant(_) => Admission::Admitted(exchange),
        };
        self.count(&table);
        admission
    }

    /// The request ahead is answered: gives the next one that was parked behind it, which is now the
    /// one ahead, or ends the parking when there is none.
    pub(crate) fn next_parked(&self, peer: SocketAddr) -> Option<Exchange> {
        let mut table = self.lock();
        if let Some(mut next) = table.parked.get_mut(&peer)?.pop_front() {
            next.is_ahead = true;
            return Some(next);
        }
        table.parked.remove(&peer);
        if let Some(cut_off) = table.cut_off.get_mut(&peer) {
            cut_off.is_silenced = true;
        }
        self.count(&table);
        None
    }

    /// From now on, no body of this client's is looked at, and soon nothing of theirs is answered.
    pub(crate) fn cut_off(&self, peer: SocketAddr) {
        let mut table = self.lock();
        table.cut_off(peer);
        self.count(&table);
    }

    /// From now on, nothing that this client sends is answered. To be said by whoever has the turn on
    /// the connection: everybody after it will know when they have theirs.
    pub(crate) fn silence(&self, peer: SocketAddr) {
        let mut table = self.lock();
        table.cut_off(peer).is_silenced = true;
        self.count(&table);
    }

    /// Whether this client is cut off, silenced or not yet.
    pub(crate) fn is_cut_off(&self, peer: SocketAddr) -> bool {
        self.remembers_any() && self.lock().cut_off.get(&peer).is_some_and(CutOff::holds)
    }

    /// Whether nothing of this client's is answered, which is certain for whoever has the turn.
    pub(crate) fn is_silenced(&self, peer: SocketAddr) -> bool {
        let is_silenced = |cut_off: &CutOff| cut_off.holds() && cut_off.is_silenced;
        self.remembers_any() && self.lock().cut_off.get(&peer).is_some_and(is_silenced)
    }

    /// Forgets clients whose time is over.
    pub(crate) fn sweep(&self) {
        if self.remembers_any() {
            let mut table = self.lock();
            table.cut_off.retain(|_, cut_off| cut_off.holds());
            self.count(&table);
        }
    }

    fn remembers_any(&self) -> bool {
        self.remembered.load(Ordering::Relaxed) > 0
    }

    fn count(&self, table: &Table) {
        let count = table.parked.len() + table.cut_off.len();
        self.remembered.store(count, Ordering::Relaxed);
    }

    /// Nothing panics while it holds this lock, so a poisoned one is as good as another.
    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn cut_off(&mut self, peer: SocketAddr) -> &mut CutOff {
        let since = Instant::now();
        let cut_off = self.cut_off.entry(peer).or_insert(CutOff {
            since,
            is_silenced: false,
        });
        cut_off.since = since;
        cut_off
    }

    fn park(&mut self, peer: SocketAddr, exchange: Exchange) -> Admission {
        match self.parked.get_mut(&peer) {
            None => Admission::Admitted(exchange),
            Some(_) if self.cut_off.get(&peer).is_some_and(CutOff::holds) => {
                Admission::Refused(vec![exchange])
            }
            Some(parked) if parked.len() < MOST_PARKED => {
                parked.push_back(exchange);
                Admission::Parked
            }
            Some(parked) => {
                let mut refused = Vec::from(mem::take(parked));
                refused.push(exchange);
                // The one ahead is still answered.
                self.cut_off(peer);
                Admission::Refused(refused)
            }
        }
    }
}

impl CutOff {
    fn holds(&self) -> bool {
        self.since.elapsed() < CUT_OFF_TIME
    }
}
