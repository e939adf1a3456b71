//! What becomes of requests that the transport refuses: the service renders the refusal, and nothing
//! that could be taken for another request is left on the connection.
//! Leaves out why a request is refused.

use http::StatusCode;
use tiny_http::Request;

use crate::body::LONGEST_SKIPPED;
use crate::convert;
use crate::exchange::Exchange;
use crate::framing::{Framing, Rest};
use crate::host::{Host, Step};
use crate::leftover::{LONGEST_DROPPED, Until};
use crate::reply::{Desk, answer_and_keep};

impl Host {
    /// Refuses a request of which nothing has been read.
    pub(crate) fn refuse(&self, exchange: Exchange, status: StatusCode, desk: &mut Desk) -> Step {
        if self.is_skipped(&exchange, status) {
            return self.pass_to_body_worker(exchange, desk);
        }
        let until = match until_droppable(exchange.framing.rest) {
            None => return self.refuse_settled(exchange, status, desk),
            Some(Until::Never) => Until::Never,
            // Where the body ends is just what is not known.
            Some(_) if status == StatusCode::BAD_REQUEST => Until::Closed,
            Some(until) => until,
        };
        self.refuse_unread(exchange, status, until)
    }

    /// Whether the body is read and thrown away before the request is refused. A client that waits to
    /// be told to send it is told not to instead.
    fn is_skipped(&self, exchange: &Exchange, status: StatusCode) -> bool {
        status == StatusCode::PAYLOAD_TOO_LARGE
            && !exchange.framing.expects
            && matches!(exchange.framing.rest, Rest::Sized(length) if length <= LONGEST_SKIPPED)
    }

    /// Refuses a request that came too slowly.
    pub(crate) fn refuse_late(&self, exchange: Exchange, desk: &mut Desk) -> Step {
        let until = match exchange.framing.rest {
            Rest::Settled(_) | Rest::Raw(_) => None,
            Rest::Sized(_) => Some(Until::Read),
            // The decoder may stand within the line of a chunk's length, and must not read on.
            Rest::Chunked => Some(Until::Closed),
        };
        match until {
            None => self.refuse_settled(exchange, StatusCode::REQUEST_TIMEOUT, desk),
            Some(until) => self.refuse_unread(exchange, StatusCode::REQUEST_TIMEOUT, until),
        }
    }

    /// Refuses a request of which nothing is left on the connection, or nothing that matters. A bad one
    /// also ends its connection, as far as that is in our hands: what follows could be anything.
    pub(crate) fn refuse_settled(&self, mut exchange: Exchange, status: StatusCode, desk: &mut Desk) -> Step {
        exchange.is_poison = status == StatusCode::BAD_REQUEST;
        if let (true, Some(peer)) = (exchange.is_poison, exchange.peer) {
            self.peers.cut_off(peer);
        }
        let refused = convert::refused(&exchange.request, exchange.peer, &self.limits, status);
        self.answer(exchange.wait_for_turn(refused), desk);
        Step::Done
    }

    /// Refuses a request whose body is still on the connection.
    pub(crate) fn refuse_unread(&self, exchange: Exchange, status: StatusCode, until: Until) -> Step {
        let refused = convert::refused(&exchange.request, exchange.peer, &self.limits, status);
        let response = kunci_transport::answer(&*self.service, refused);
        let (ends, form) = (self.ends(exchange.peer), exchange.form());
        let stream = answer_and_keep(exchange.request, &response, form);
        self.leftovers.keep(stream, until, ends);
        Step::Done
    }

    /// Drops a request without an answer.
    pub(crate) fn discard(&self, request: Request) {
        match until_droppable(Framing::of(&request, &self.limits, true).rest) {
            None => drop(request.into_writer()),
            Some(_) => self.leftovers.lose(request),
        }
    }
}

/// What dropping a request has to wait for, if for anything.
fn until_droppable(rest: Rest) -> Option<Until> {
    match rest {
        Rest::Settled(_) | Rest::Raw(_) => None,
        Rest::Sized(length) if length > LONGEST_DROPPED => Some(Until::Never),
        Rest::Sized(_) => Some(Until::Read),
        Rest::Chunked => Some(Until::LastChunk),
    }
}
