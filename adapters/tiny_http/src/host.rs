//! The way of a request through the server: who handles it, and where it waits.
//! Leaves out refusals and answers, the threads that walk the way, and the bytes on the wire.

use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use http::StatusCode;
use kunci_transport::{Listen, Service, may_block};
use tiny_http::Request;

use crate::body::{self, Body};
use crate::control::Control;
use crate::convert;
use crate::exchange::{Exchange, Turn};
use crate::framing::{Framing, Rest};
use crate::keeper::Newcomers;
use crate::leftover::{Leftovers, Until};
use crate::limits::Limits;
use crate::peer_state::{self, Ends};
use crate::peers::{Peers, Sorted};
use crate::queue::Queue;
use crate::reply::Desk;

/// Everything that the workers of one server share.
pub(crate) struct Host {
    pub(crate) service: Arc<dyn Service>,
    pub(crate) limits: Limits,
    pub(crate) control: Arc<Control>,
    pub(crate) newcomers: Newcomers,
    pub(crate) peers: Arc<Peers>,
    pub(crate) leftovers: Arc<Leftovers>,
    /// Requests whose body is to be read.
    pub(crate) unread: Queue<Exchange>,
    /// Requests whose answer may wait.
    pub(crate) slow: Queue<Turn>,
    /// Our end of every connection. None on Unix sockets.
    local: Option<SocketAddr>,
    reads_chunks: bool,
}

/// Whether a request has been dealt with, or is in somebody else's hands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(crate) enum Step {
    Done,
    Passed,
}

impl Host {
    pub(crate) fn new(
        service: Arc<dyn Service>,
        limits: Limits,
        control: Arc<Control>,
        address: &Listen,
    ) -> Self {
        let local = match address {
            Listen::Tcp(address) => Some(*address),
            Listen::Unix(_) => None,
        };
        let peers = Arc::new(Peers::default());
        let most_lost = limits.lost_connections;
        Self {
            service,
            newcomers: Newcomers::default(),
            leftovers: Leftovers::new(Arc::clone(&control), Arc::clone(&peers), most_lost),
            unread: Queue::bounded(limits.body_queue),
            slow: Queue::bounded(limits.slow_queue),
            reads_chunks: local.is_some_and(peer_state::can_tell),
            limits,
            control,
            peers,
            local,
        }
    }

    /// Looks at a request that has just come in, in the order in which they do, and gives it back if it
    /// is to be answered now.
    pub(crate) fn admit(&self, request: Request) -> Option<Request> {
        if self.newcomers.note(request.remote_addr().copied()) {
            self.control.nudge();
        }
        self.sort_out(self.peers.admit(request))
    }

    /// What a quick worker does: the request, and then what is parked behind it, until it comes to one
    /// that it passes on.
    pub(crate) fn answer_quickly(&self, request: Request, desk: &mut Desk) {
        let mut next = Some(request);
        while let Some(request) = next {
            let peer = request.remote_addr().copied();
            match survive(|| self.begin(request, desk)) {
                Some(Step::Passed) => return,
                Some(Step::Done) | None => next = self.next(peer),
            }
        }
    }

    /// What a body worker does.
    pub(crate) fn read_body(&self, exchange: Exchange, desk: &mut Desk) {
        let peer = exchange.peer;
        if survive(|| self.read_and_go(exchange, desk)) != Some(Step::Passed) {
            self.go_on(peer, desk);
        }
    }

    /// What a slow worker does.
    pub(crate) fn answer_slowly(&self, turn: Turn, desk: &mut Desk) {
        let peer = turn.peer;
        survive(|| self.answer(turn, desk));
        self.go_on(peer, desk);
    }

    fn go_on(&self, peer: Option<SocketAddr>, desk: &mut Desk) {
        if let Some(next) = self.next(peer) {
            self.answer_quickly(next, desk);
        }
    }

    fn next(&self, peer: Option<SocketAddr>) -> Option<Request> {
        self.sort_out(self.peers.next(peer?))
    }

    fn sort_out(&self, sorted: Sorted) -> Option<Request> {
        sorted.never.into_iter().for_each(|request| self.discard(request));
        sorted.now
    }

    fn begin(&self, request: Request, desk: &mut Desk) -> Step {
        let framing = Framing::of(&request, &self.limits, self.reads_chunks);
        let is_slow =
            convert::preview(&request).is_some_and(|(method, path)| may_block(&*self.service, &method, path));
        self.route(Exchange::new(request, framing, is_slow), desk)
    }

    fn route(&self, exchange: Exchange, desk: &mut Desk) -> Step {
        if let Some(status) = exchange.framing.fault {
            return self.refuse(exchange, status, desk);
        }
        match exchange.framing.rest {
            Rest::Settled(_) | Rest::Raw(0) => self.go(exchange, None, desk),
            Rest::Sized(_) | Rest::Chunked | Rest::Raw(_) => self.pass_to_body_worker(exchange, desk),
        }
    }

    /// Goes on with a request of which nothing is left on the connection: its body has been read, or is
    /// in memory.
    fn go(&self, mut exchange: Exchange, body: Option<Bytes>, desk: &mut Desk) -> Step {
        let Ok(mut request) = convert::whole(&exchange.request, exchange.peer) else {
            return self.refuse_settled(exchange, StatusCode::BAD_REQUEST, desk);
        };
        let is_slow = exchange.is_slow;
        *request.body_mut() = body.unwrap_or_else(|| exchange.body_in_memory());
        let turn = exchange.wait_for_turn(request);
        if is_slow {
            return self.pass_to_slow_worker(turn, desk);
        }
        self.answer(turn, desk);
        Step::Done
    }

    pub(crate) fn pass_to_body_worker(&self, exchange: Exchange, desk: &mut Desk) -> Step {
        match self.unread.push(exchange) {
            Ok(()) => Step::Passed,
            Err(exchange) => self.refuse(exchange, StatusCode::SERVICE_UNAVAILABLE, desk),
        }
    }

    fn pass_to_slow_worker(&self, turn: Turn, desk: &mut Desk) -> Step {
        match self.slow.push(turn) {
            Ok(()) => Step::Passed,
            Err(turn) => {
                self.answer(turn.refused(StatusCode::SERVICE_UNAVAILABLE), desk);
                Step::Done
            }
        }
    }

    fn read_and_go(&self, mut exchange: Exchange, desk: &mut Desk) -> Step {
        let until = Instant::now() + self.limits.body_time;
        let rest = exchange.framing.rest;
        let body = body::read(exchange.request.as_reader(), rest, self.limits.body, until);
        // tiny_http ends a chunked body without an error when the connection ends within a chunk.
        let is_doubtful = rest == Rest::Chunked && !self.may_send(exchange.peer);
        match body {
            Body::Whole(_) | Body::Skipped | Body::Broken if is_doubtful => {
                self.refuse_settled(exchange, StatusCode::BAD_REQUEST, desk)
            }
            Body::Whole(body) => self.go(exchange, Some(body), desk),
            Body::Skipped => self.refuse_settled(exchange, StatusCode::PAYLOAD_TOO_LARGE, desk),
            Body::TooLong => self.refuse_unread(exchange, StatusCode::PAYLOAD_TOO_LARGE, Until::LastChunk),
            Body::Broken if rest == Rest::Chunked => {
                self.refuse_unread(exchange, StatusCode::BAD_REQUEST, Until::Closed)
            }
            Body::Broken => self.refuse_settled(exchange, StatusCode::BAD_REQUEST, desk),
            Body::Late => self.refuse_late(exchange, desk),
        }
    }

    pub(crate) fn ends(&self, peer: Option<SocketAddr>) -> Option<Ends> {
        let (local, peer) = (self.local?, peer?);
        Some(Ends { local, peer })
    }

    /// Whether the client is known to have its sending side open.
    fn may_send(&self, peer: Option<SocketAddr>) -> bool {
        self.ends(peer).and_then(peer_state::may_send) == Some(true)
    }
}

/// A panic here is a mistake of ours; it costs its request, not the worker.
fn survive<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work))
        .inspect_err(|_| tracing::error!("a request was lost to a panic"))
        .ok()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::Response;
    use tiny_http::TestRequest;

    use super::*;

    struct Nothing;

    impl Service for Nothing {
        fn call(&self, _: http::Request<Bytes>) -> Response<Bytes> {
            Response::default()
        }

        fn may_block(&self, _: &http::Method, _: &str) -> bool {
            false
        }
    }

    #[test]
    fn the_first_newcomer_nudges_the_keeper() {
        let address = Listen::Tcp(([127, 0, 0, 1], 80).into());
        let control = Arc::new(Control::default());
        let host = Host::new(
            Arc::new(Nothing),
            Limits::default(),
            Arc::clone(&control),
            &address,
        );
        let admit = |port| {
            let client = SocketAddr::from(([127, 0, 0, 1], port));
            host.admit(TestRequest::new().with_remote_addr(client).into());
            control.is_nudged_within(Duration::ZERO)
        };
        assert!(admit(40_000));
        assert!(!admit(40_001), "the keeper has not looked yet");
    }
}
