//! From hyper's request to the service's answer: bodies read within limits, refusals rendered by the
//! service, and whatever may wait on threads of its own.
//! Leaves out connections and their deadlines.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, EXPECT, HOST};
use http::request::Parts;
use http::{HeaderValue, Method, Request, Response, StatusCode, Version};
use hyper::body::{Body, Incoming};
use kunci_transport::{Service, belongs_to_transport, declared_length, has_body, may_block};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

use crate::body::{self, Answer};
use crate::head::REFUSAL;
use crate::limits::Limits;
use crate::watch::{Flight, Watch};

/// What all connections of a server share.
pub(crate) struct Host {
    pub(crate) service: Arc<dyn Service>,
    pub(crate) limits: Limits,
    /// The runtime whose other threads are for requests that may wait.
    pub(crate) blocking: Handle,
    /// A permit for each request that a slow worker has or that waits for one.
    pub(crate) slow: Arc<Semaphore>,
}

/// The service's side of one connection.
#[derive(Clone)]
pub(crate) struct Desk {
    pub(crate) host: Arc<Host>,
    pub(crate) peer: Option<SocketAddr>,
    pub(crate) watch: Arc<Watch>,
}

type Outcome = Result<Response<Answer>, Infallible>;

/// An answer: at once where nothing has to be waited for, which then needs no memory for a task.
pub(crate) enum Reply {
    Now(Option<Response<Answer>>),
    Later(Pin<Box<dyn Future<Output = Outcome> + Send>>),
}

impl Future for Reply {
    type Output = Outcome;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Outcome> {
        match &mut *self {
            // hyper does not ask again after an answer.
            Self::Now(response) => response
                .take()
                .map_or(Poll::Pending, |response| Poll::Ready(Ok(response))),
            Self::Later(future) => future.as_mut().poll(cx),
        }
    }
}

impl hyper::service::Service<Request<Incoming>> for Desk {
    type Response = Response<Answer>;
    type Error = Infallible;
    type Future = Reply;

    fn call(&self, request: Request<Incoming>) -> Reply {
        let flight = Flight::begin(&self.watch);
        let (mut parts, body) = request.into_parts();
        if let Some(status) = self.refusal(&mut parts) {
            return Reply::Now(Some(self.refuse(parts, status, flight)));
        }
        self.complete(&mut parts);
        let is_slow = may_block(&*self.host.service, &parts.method, parts.uri.path());
        if body.is_end_stream() && !is_slow {
            return Reply::Now(Some(self.answer(parts, Bytes::new(), flight)));
        }
        let desk = self.clone();
        Reply::Later(Box::pin(async move {
            Ok(desk.answer_later(parts, body, is_slow, flight).await)
        }))
    }
}

impl Desk {
    /// Whether the request is refused before anything else is looked at. The gate of HTTP/1 has seen to
    /// it that nobody but itself says so.
    fn refusal(&self, parts: &mut Parts) -> Option<StatusCode> {
        let said = parts.headers.remove(REFUSAL);
        if parts.version < Version::HTTP_2 {
            return StatusCode::from_bytes(said?.as_bytes()).ok();
        }
        let is_proxied = parts.method == Method::CONNECT || parts.uri.path().is_empty();
        match () {
            () if self.host.limits.headers < parts.headers.len() => {
                Some(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE)
            }
            () if said.is_some() || is_proxied => Some(StatusCode::BAD_REQUEST),
            () => None,
        }
    }

    /// What HTTP/2 says in the target stands in `Host` too, where services look for it; and the peer.
    fn complete(&self, parts: &mut Parts) {
        if let Some(peer) = self.peer {
            parts.extensions.insert(peer);
        }
        if parts.version == Version::HTTP_2 && !parts.headers.contains_key(HOST) {
            let authority = parts.uri.authority().map(|authority| authority.as_str());
            if let Some(Ok(host)) = authority.map(HeaderValue::from_str) {
                parts.headers.insert(HOST, host);
            }
        }
    }

    fn answer(&self, parts: Parts, body: Bytes, flight: Flight) -> Response<Answer> {
        let is_head = parts.method == Method::HEAD;
        let request = Request::from_parts(parts, body);
        finish(
            kunci_transport::answer(&*self.host.service, request),
            is_head,
            flight,
        )
    }

    async fn answer_later(
        &self,
        parts: Parts,
        body: Incoming,
        is_slow: bool,
        flight: Flight,
    ) -> Response<Answer> {
        match self.read(&parts, body).await {
            Ok(body) if is_slow => self.answer_slowly(parts, body, flight).await,
            Ok(body) => self.answer(parts, body, flight),
            Err(status) => self.refuse(parts, status, flight),
        }
    }

    /// A body that says how long it is, and is too long, is not even begun when that would take long, or
    /// when the client waits to be told to send it.
    async fn read(&self, parts: &Parts, body: Incoming) -> Result<Bytes, StatusCode> {
        let length = body.size_hint().lower();
        let is_too_long = self.host.limits.body as u64 <= length.saturating_sub(1);
        if is_too_long && (!body::is_skipped(length) || parts.headers.contains_key(EXPECT)) {
            return Err(StatusCode::PAYLOAD_TOO_LARGE);
        }
        body::read(body, &self.host.limits).await
    }

    async fn answer_slowly(&self, parts: Parts, body: Bytes, flight: Flight) -> Response<Answer> {
        let Ok(permit) = Arc::clone(&self.host.slow).try_acquire_owned() else {
            return self.refuse(parts, StatusCode::SERVICE_UNAVAILABLE, flight);
        };
        let is_head = parts.method == Method::HEAD;
        let service = Arc::clone(&self.host.service);
        let work = move || {
            let response = kunci_transport::answer(&*service, Request::from_parts(parts, body));
            drop(permit);
            response
        };
        // It fails only when the server stops first, and then nobody waits for the answer.
        let answered = self.host.blocking.spawn_blocking(work).await;
        let gone = |_| kunci_transport::minimal(StatusCode::SERVICE_UNAVAILABLE);
        finish(answered.unwrap_or_else(gone), is_head, flight)
    }

    /// The service's refusal. What the client may still be sending is not read, so the connection ends.
    fn refuse(&self, mut parts: Parts, status: StatusCode, flight: Flight) -> Response<Answer> {
        if let Some(peer) = self.peer {
            parts.extensions.insert(peer);
        }
        parts.extensions.insert(status);
        let closes = status != StatusCode::SERVICE_UNAVAILABLE && parts.version < Version::HTTP_2;
        let mut response = self.answer(parts, Bytes::new(), flight);
        if closes {
            let headers = response.headers_mut();
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}

/// Takes out what belongs to the transport, and adds what does.
fn finish(mut response: Response<Bytes>, is_head: bool, flight: Flight) -> Response<Answer> {
    let length = declared_length(&response, is_head);
    let names: Vec<_> = response
        .headers()
        .keys()
        .filter(|name| belongs_to_transport(name))
        .cloned()
        .collect();
    for name in names {
        response.headers_mut().remove(name);
    }
    let with_body = has_body(response.status());
    if is_head && with_body {
        response
            .headers_mut()
            .insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    let sends = with_body && !is_head;
    response.map(|body| Answer::new(if sends { body } else { Bytes::new() }, flight))
}
