//! One request on its way to an answer, before and after it has its turn on the connection.
//! Leaves out the way itself: who handles it next is the host's decision.

use std::io::Write;
use std::net::SocketAddr;

use bytes::Bytes;
use http::Request;

use crate::convert;
use crate::framing::{Framing, Rest, is_old};
use crate::reply::Form;

/// A request of tiny_http with what was found out about it.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) request: tiny_http::Request,
    /// The client's address. None on Unix sockets.
    pub(crate) peer: Option<SocketAddr>,
    pub(crate) framing: Framing,
    /// Whether its answer may wait.
    pub(crate) is_slow: bool,
    /// Whether nothing that follows on this connection may be answered.
    pub(crate) is_poison: bool,
}

impl Exchange {
    pub(crate) fn new(request: tiny_http::Request, framing: Framing, is_slow: bool) -> Self {
        Self {
            peer: request.remote_addr().copied(),
            request,
            framing,
            is_slow,
            is_poison: false,
        }
    }

    /// What the answer has to look like.
    pub(crate) fn form(&self) -> Form {
        Form {
            is_head: *self.request.method() == tiny_http::Method::Head,
            is_old: is_old(self.request.http_version()),
            closes: self.framing.last || self.is_poison,
        }
    }

    /// The body that tiny_http has read already; empty if there is none.
    pub(crate) fn body_in_memory(&mut self) -> Bytes {
        let Rest::Settled(length @ 1..) = self.framing.rest else {
            return Bytes::new();
        };
        let mut body = vec![0; length];
        // Memory gives everything at once, and never less than it was said to have.
        match self.request.as_reader().read_exact(&mut body) {
            Ok(()) => body.into(),
            Err(_) => Bytes::new(),
        }
    }

    /// Lets go of what tiny_http keeps of it, and waits until all requests before it on its connection
    /// are answered. On TCP they are; on a Unix socket there may be some in the slow queue, into which
    /// this one must not go before them.
    pub(crate) fn wait_for_turn(self, request: Request<Bytes>) -> Turn {
        let (peer, form) = (self.peer, self.form());
        let mut writer = self.request.into_writer();
        // Nothing has been written, so there is nothing to fail: this only waits.
        let _ = writer.flush();
        Turn {
            request,
            peer,
            form,
            writer,
        }
    }
}

/// A request that is whole, and whose answer is the next on its connection.
pub(crate) struct Turn {
    pub(crate) request: Request<Bytes>,
    pub(crate) peer: Option<SocketAddr>,
    pub(crate) form: Form,
    pub(crate) writer: Box<dyn Write + Send>,
}

impl Turn {
    /// The same, as an order to render a refusal.
    pub(crate) fn refused(self, status: http::StatusCode) -> Self {
        Self {
            request: convert::as_refused(self.request, status),
            ..self
        }
    }
}
