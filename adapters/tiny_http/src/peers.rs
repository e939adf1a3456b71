//! What is remembered about single TCP connections, by the client's address: that a request of theirs
//! is being answered, or that nothing more of theirs is to be.
//!
//! tiny_http hands pipelined requests out all at once, and makes whoever writes an answer wait for the
//! answers before it. One client could hold every worker that way, and what was smuggled behind a
//! malformed request would be in other hands before that is known for what it is. So the requests of one
//! connection go one at a time; the others are parked here.
//! Leaves out connections on Unix sockets, which have no address.

use std::collections::{HashMap, VecDeque};
use std::mem;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tiny_http::Request;

/// Requests of one connection that may be parked. A client that pipelines more is cut off.
const MOST_PARKED: usize = 1000;

/// How long a client stays cut off. What was smuggled arrives with the request that carried it; for
/// much longer, the address could belong to another connection.
const CUT_OFF_TIME: Duration = Duration::from_secs(10);

/// What becomes of requests of one connection.
#[derive(Debug, Default)]
pub(crate) struct Sorted {
    /// This one is to be answered now.
    pub(crate) now: Option<Request>,
    /// These must not be answered.
    pub(crate) never: VecDeque<Request>,
}

/// The connections about which something is remembered.
#[derive(Debug, Default)]
pub(crate) struct Peers {
    table: Mutex<Table>,
    /// Whether any client is cut off, which is rarely so.
    is_any_cut_off: AtomicBool,
}

#[derive(Debug, Default)]
struct Table {
    /// What is parked, for each connection of which a request is being answered.
    busy: HashMap<SocketAddr, VecDeque<Request>>,
    /// Since when clients are cut off.
    cut_off: HashMap<SocketAddr, Instant>,
}

impl Peers {
    /// Decides about a request that has just come in. Whoever gets it to answer must ask for the `next`
    /// one when that is done.
    pub(crate) fn admit(&self, request: Request) -> Sorted {
        let Some(peer) = request.remote_addr().copied() else {
            return Sorted::now(request);
        };
        let mut table = self.lock();
        if table.is_cut_off(peer) {
            return Sorted::never(VecDeque::from([request]));
        }
        let Some(parked) = table.busy.get_mut(&peer) else {
            table.busy.insert(peer, VecDeque::new());
            return Sorted::now(request);
        };
        parked.push_back(request);
        if parked.len() <= MOST_PARKED {
            return Sorted::default();
        }
        let never = mem::take(parked);
        self.cut_off_in(&mut table, peer);
        Sorted::never(never)
    }

    /// A request of this client's is answered: what becomes of those that are parked behind it.
    pub(crate) fn next(&self, peer: SocketAddr) -> Sorted {
        let mut table = self.lock();
        let is_cut_off = table.is_cut_off(peer);
        let next = table
            .busy
            .get_mut(&peer)
            .filter(|_| !is_cut_off)
            .and_then(VecDeque::pop_front);
        match next {
            Some(next) => Sorted::now(next),
            None => Sorted::never(table.busy.remove(&peer).unwrap_or_default()),
        }
    }

    /// From now on, no request of this client's is begun.
    pub(crate) fn cut_off(&self, peer: SocketAddr) {
        self.cut_off_in(&mut self.lock(), peer);
    }

    /// Whether this client is cut off.
    pub(crate) fn is_cut_off(&self, peer: SocketAddr) -> bool {
        self.is_any_cut_off.load(Ordering::Relaxed) && self.lock().is_cut_off(peer)
    }

    /// Forgets clients whose time is over.
    pub(crate) fn sweep(&self) {
        if self.is_any_cut_off.load(Ordering::Relaxed) {
            let mut table = self.lock();
            table.cut_off.retain(|_, since| since.elapsed() < CUT_OFF_TIME);
            self.is_any_cut_off
                .store(!table.cut_off.is_empty(), Ordering::Relaxed);
        }
    }

    fn cut_off_in(&self, table: &mut Table, peer: SocketAddr) {
        table.cut_off.insert(peer, Instant::now());
        self.is_any_cut_off.store(true, Ordering::Relaxed);
    }

    /// Nothing panics while it holds this lock, so a poisoned one is as good as another.
    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sorted {
    fn now(request: Request) -> Self {
        Self {
            now: Some(request),
            never: VecDeque::new(),
        }
    }

    fn never(requests: VecDeque<Request>) -> Self {
        Self {
            now: None,
            never: requests,
        }
    }
}

impl Table {
    fn is_cut_off(&self, peer: SocketAddr) -> bool {
        let since = self.cut_off.get(&peer);
        since.is_some_and(|since| since.elapsed() < CUT_OFF_TIME)
    }
}

#[cfg(test)]
mod tests {
    use tiny_http::TestRequest;

    use super::*;

    fn client(port: u16) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], port))
    }

    fn request(port: u16, path: &str) -> Request {
        TestRequest::new()
            .with_remote_addr(client(port))
            .with_path(path)
            .into()
    }

    /// The paths of what is answered now and of what never is.
    fn paths(sorted: &Sorted) -> (Option<&str>, Vec<&str>) {
        (
            sorted.now.as_ref().map(Request::url),
            sorted.never.iter().map(Request::url).collect(),
        )
    }

    #[test]
    fn requests_of_one_connection_go_one_at_a_time() {
        let peers = Peers::default();
        assert_eq!(paths(&peers.admit(request(1, "/a"))), (Some("/a"), vec![]));
        assert_eq!(paths(&peers.admit(request(1, "/b"))), (None, vec![]));
        assert_eq!(paths(&peers.admit(request(1, "/c"))), (None, vec![]));
        assert_eq!(
            paths(&peers.admit(request(2, "/other"))),
            (Some("/other"), vec![])
        );
        assert_eq!(paths(&peers.next(client(1))), (Some("/b"), vec![]));
        assert_eq!(paths(&peers.next(client(1))), (Some("/c"), vec![]));
        assert_eq!(paths(&peers.next(client(1))), (None, vec![]));
        assert_eq!(paths(&peers.admit(request(1, "/d"))), (Some("/d"), vec![]));
    }

    #[test]
    fn nothing_follows_a_cut() {
        let peers = Peers::default();
        assert_eq!(paths(&peers.admit(request(1, "/bad"))), (Some("/bad"), vec![]));
        assert_eq!(paths(&peers.admit(request(1, "/smuggled"))), (None, vec![]));
        peers.cut_off(client(1));
        assert_eq!(paths(&peers.admit(request(1, "/more"))), (None, vec!["/more"]));
        assert_eq!(paths(&peers.next(client(1))), (None, vec!["/smuggled"]));
        assert_eq!(paths(&peers.admit(request(1, "/later"))), (None, vec!["/later"]));
        peers.sweep();
        assert!(peers.is_cut_off(client(1)));
        assert!(!peers.is_cut_off(client(2)));
    }

    #[test]
    fn who_pipelines_too_much_is_cut_off() {
        let peers = Peers::default();
        assert!(peers.admit(request(1, "/now")).now.is_some());
        for _ in 0..MOST_PARKED {
            assert_eq!(paths(&peers.admit(request(1, "/parked"))), (None, vec![]));
        }
        let sorted = peers.admit(request(1, "/too-much"));
        assert!(sorted.now.is_none());
        assert_eq!(sorted.never.len(), MOST_PARKED + 1);
        assert_eq!(paths(&peers.next(client(1))), (None, vec![]));
        assert!(peers.is_cut_off(client(1)));
    }
}
