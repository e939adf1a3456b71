//! Passes hyper's requests to the service: reads bodies within their limits, has the service render refusals,
//! and runs requests that can block on separate threads.

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
use crate::phase_clock::{InFlight, PhaseClock};

/// Everything that the connections of one server share.
pub(crate) struct Host {
    pub(crate) service: Arc<dyn Service>,
    pub(crate) limits: Limits,
    /// The runtime whose blocking threads handle requests that can block.
    pub(crate) blocking: Handle,
    /// Has a permit for each request that a slow worker handles or that waits for one.
    pub(crate) slow: Arc<Semaphore>,
}

/// The service as hyper calls it on one connection.
#[derive(Clone)]
pub(crate) struct Responder {
    pub(crate) host: Arc<Host>,
    pub(crate) peer: Option<SocketAddr>,
    pub(crate) clock: Arc<PhaseClock>,
}

type Outcome = Result<Response<Answer>, Infallible>;

/// A response. One that is available at once needs no boxed future.
pub(crate) enum Reply {
    Now(Option<Response<Answer>>),
    Later(Pin<Box<dyn Future<Output = Outcome> + Send>>),
}

impl Future for Reply {
    type Output = Outcome;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Outcome> {
        match &mut *self {
            // hyper does not poll again after a response.
            Self::Now(response) => response
                .take()
                .map_or(Poll::Pending, |response| Poll::Ready(Ok(response))),
            Self::Later(future) => future.as_mut().poll(cx),
        }
    }
}

impl hyper::service::Service<Request<Incoming>> for Responder {
    type Response = Response<Answer>;
    type Error = Infallible;
    type Future = Reply;

    fn call(&self, request: Request<Incoming>) -> Reply {
        let in_flight = InFlight::begin(&self.clock);
        let (mut parts, body) = request.into_parts();
        if let Some(status) = self.refusal(&mut parts) {
            return Reply::Now(Some(self.refuse(parts, status, in_flight)));
        }
        self.complete(&mut parts);
        let is_slow = may_block(&*self.host.service, &parts.method, parts.uri.path());
        if body.is_end_stream() && !is_slow {
            return Reply::Now(Some(self.answer(parts, Bytes::new(), in_flight)));
        }
        let responder = self.clone();
        Reply::Later(Box::pin(async move {
            Ok(responder.answer_later(parts, body, is_slow, in_flight).await)
        }))
    }
}

impl Responder {
    /// Returns the status if the request is refused because of its head. On HTTP/1 the filter makes sure that
    /// only the filter can set the field for refusals.
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

    /// Adds the peer, and on HTTP/2 a `Host` field with the authority of the target.
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

    fn answer(&self, parts: Parts, body: Bytes, in_flight: InFlight) -> Response<Answer> {
        let is_head = parts.method == Method::HEAD;
        let request = Request::from_parts(parts, body);
        finish(
            kunci_transport::answer(&*self.host.service, request),
            is_head,
            in_flight,
        )
    }

    async fn answer_later(
        &self,
        parts: Parts,
        body: Incoming,
        is_slow: bool,
        in_flight: InFlight,
    ) -> Response<Answer> {
        match self.read(&parts, body).await {
            Ok(body) if is_slow => self.answer_slowly(parts, body, in_flight).await,
            Ok(body) => self.answer(parts, body, in_flight),
            Err(status) => self.refuse(parts, status, in_flight),
        }
    }

    /// Reads the body. A declared length that is too large is refused at once if reading would take long, or if
    /// the client waits for `100 Continue`.
    async fn read(&self, parts: &Parts, body: Incoming) -> Result<Bytes, StatusCode> {
        let length = body.size_hint().lower();
        let is_too_long = self.host.limits.body as u64 <= length.saturating_sub(1);
        if is_too_long && (!body::is_skipped(length) || parts.headers.contains_key(EXPECT)) {
            return Err(StatusCode::PAYLOAD_TOO_LARGE);
        }
        body::read(body, &self.host.limits).await
    }

    async fn answer_slowly(&self, parts: Parts, body: Bytes, in_flight: InFlight) -> Response<Answer> {
        let Ok(permit) = Arc::clone(&self.host.slow).try_acquire_owned() else {
            return self.refuse(parts, StatusCode::SERVICE_UNAVAILABLE, in_flight);
        };
        let is_head = parts.method == Method::HEAD;
        let service = Arc::clone(&self.host.service);
        let work = move || {
            let response = kunci_transport::answer(&*service, Request::from_parts(parts, body));
            drop(permit);
            response
        };
        // This fails only if the server stops first, and then no client waits for the response.
        let answered = self.host.blocking.spawn_blocking(work).await;
        let gone = |_| kunci_transport::minimal(StatusCode::SERVICE_UNAVAILABLE);
        finish(answered.unwrap_or_else(gone), is_head, in_flight)
    }

    /// Has the service render a refusal. The rest of the request is not read, so the connection closes.
    fn refuse(&self, mut parts: Parts, status: StatusCode, in_flight: InFlight) -> Response<Answer> {
        if let Some(peer) = self.peer {
            parts.extensions.insert(peer);
        }
        parts.extensions.insert(status);
        let closes = status != StatusCode::SERVICE_UNAVAILABLE && parts.version < Version::HTTP_2;
        let mut response = self.answer(parts, Bytes::new(), in_flight);
        if closes {
            let headers = response.headers_mut();
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}

/// Removes the header fields that belong to the transport, and adds the transport's own.
fn finish(mut response: Response<Bytes>, is_head: bool, in_flight: InFlight) -> Response<Answer> {
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
    response.map(|body| Answer::new(if sends { body } else { Bytes::new() }, in_flight))
}
