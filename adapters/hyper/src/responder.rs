//! Responds to hyper's requests: reads bodies within their limits and calls the service. Requests that can
//! block run on separate threads.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, COOKIE, EXPECT, HOST, HeaderMap};
use http::request::Parts;
use http::{HeaderValue, Method, Request, Response, StatusCode, Version};
use hyper::body::{Body, Incoming};
use kunci_transport::{Service, belongs_to_transport, declared_length, has_body, may_block};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

use crate::body::{self, ResponseBody};
use crate::head::REFUSAL;
use crate::limits::Limits;
use crate::phase_clock::{InFlight, PhaseClock};

/// The service, limits and slow workers of one server, which all of its connections share.
pub(crate) struct ServerContext {
    pub(crate) service: Arc<dyn Service>,
    pub(crate) limits: Limits,
    /// The runtime whose blocking threads handle requests that can block.
    pub(crate) blocking: Handle,
    /// One permit for each slow worker and for each place in their queue.
    pub(crate) slow_permits: Arc<Semaphore>,
}

/// The service as hyper calls it on one connection.
#[derive(Clone)]
pub(crate) struct Responder {
    pub(crate) server: Arc<ServerContext>,
    pub(crate) peer: Option<SocketAddr>,
    pub(crate) clock: Arc<PhaseClock>,
}

type ResponseResult = Result<Response<ResponseBody>, Infallible>;

/// The future of a response. If the response is available at once, no boxed future is needed.
pub(crate) enum ResponseFuture {
    Immediate(Option<Response<ResponseBody>>),
    Boxed(Pin<Box<dyn Future<Output = ResponseResult> + Send>>),
}

impl Future for ResponseFuture {
    type Output = ResponseResult;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<ResponseResult> {
        match &mut *self {
            // hyper does not poll again after it has the response.
            Self::Immediate(response) => response
                .take()
                .map_or(Poll::Pending, |response| Poll::Ready(Ok(response))),
            Self::Boxed(future) => future.as_mut().poll(cx),
        }
    }
}

impl hyper::service::Service<Request<Incoming>> for Responder {
    type Response = Response<ResponseBody>;
    type Error = Infallible;
    type Future = ResponseFuture;

    fn call(&self, request: Request<Incoming>) -> ResponseFuture {
        let in_flight = InFlight::begin(&self.clock);
        let (mut parts, body) = request.into_parts();
        if let Some(status) = self.refusal(&mut parts) {
            return ResponseFuture::Immediate(Some(self.refuse(parts, status, in_flight)));
        }
        self.add_peer_and_host(&mut parts);
        let is_slow = may_block(&*self.server.service, &parts.method, parts.uri.path());
        if body.is_end_stream() && !is_slow {
            return ResponseFuture::Immediate(Some(self.answer(parts, Bytes::new(), in_flight)));
        }
        let responder = self.clone();
        ResponseFuture::Boxed(Box::pin(async move {
            Ok(responder.read_and_answer(parts, body, is_slow, in_flight).await)
        }))
    }
}

impl Responder {
    /// Returns the status of the refusal if the head is not acceptable. On HTTP/1, only the filter can have
    /// set the [`REFUSAL`] field.
    fn refusal(&self, parts: &mut Parts) -> Option<StatusCode> {
        let marker = parts.headers.remove(REFUSAL);
        if parts.version < Version::HTTP_2 {
            return StatusCode::from_bytes(marker?.as_bytes()).ok();
        }
        let is_proxied = parts.method == Method::CONNECT || parts.uri.path().is_empty();
        match () {
            () if self.server.limits.headers < count_fields(&parts.headers) => {
                Some(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE)
            }
            () if marker.is_some() || is_proxied => Some(StatusCode::BAD_REQUEST),
            () => None,
        }
    }

    /// Adds the client's address. On HTTP/2, also adds a missing `Host` field, with the authority of the
    /// target.
    fn add_peer_and_host(&self, parts: &mut Parts) {
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

    fn answer(&self, parts: Parts, body: Bytes, in_flight: InFlight) -> Response<ResponseBody> {
        let is_head = parts.method == Method::HEAD;
        let request = Request::from_parts(parts, body);
        finish(
            kunci_transport::answer(&*self.server.service, request),
            is_head,
            in_flight,
        )
    }

    async fn read_and_answer(
        &self,
        parts: Parts,
        body: Incoming,
        is_slow: bool,
        in_flight: InFlight,
    ) -> Response<ResponseBody> {
        match self.read(&parts, body).await {
            Ok(body) if is_slow => self.answer_on_slow_worker(parts, body, in_flight).await,
            Ok(body) => self.answer(parts, body, in_flight),
            Err(status) => self.refuse(parts, status, in_flight),
        }
    }

    /// Reads the body. If its declared length is above the limit, the body is still read and discarded, unless
    /// it is very long or the client waits for `100 Continue`.
    async fn read(&self, parts: &Parts, body: Incoming) -> Result<Bytes, StatusCode> {
        let length = body.size_hint().lower();
        let is_too_long = self.server.limits.body as u64 <= length.saturating_sub(1);
        if is_too_long && (!body::is_discarded(length) || parts.headers.contains_key(EXPECT)) {
            return Err(StatusCode::PAYLOAD_TOO_LARGE);
        }
        body::read(body, &self.server.limits).await
    }

    async fn answer_on_slow_worker(
        &self,
        parts: Parts,
        body: Bytes,
        in_flight: InFlight,
    ) -> Response<ResponseBody> {
        let Ok(permit) = Arc::clone(&self.server.slow_permits).try_acquire_owned() else {
            return self.refuse(parts, StatusCode::SERVICE_UNAVAILABLE, in_flight);
        };
        let is_head = parts.method == Method::HEAD;
        let service = Arc::clone(&self.server.service);
        let work = move || {
            let response = kunci_transport::answer(&*service, Request::from_parts(parts, body));
            drop(permit);
            response
        };
        // This fails only if the server stops first. Then no client receives the response.
        let answered = self.server.blocking.spawn_blocking(work).await;
        let stopped = |_| kunci_transport::minimal(StatusCode::SERVICE_UNAVAILABLE);
        finish(answered.unwrap_or_else(stopped), is_head, in_flight)
    }

    /// Returns the refusal as the service renders it. Except after a 503, an HTTP/1 connection is closed,
    /// because part of the request may be unread.
    fn refuse(&self, mut parts: Parts, status: StatusCode, in_flight: InFlight) -> Response<ResponseBody> {
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

/// Returns the number of fields. A `Cookie` field that the client has split counts as one (RFC 9113, section 8.2.3),
/// because other applications on the host decide how many cookies there are.
fn count_fields(headers: &HeaderMap) -> usize {
    headers.len() - headers.get_all(COOKIE).iter().count().saturating_sub(1)
}

/// Removes the header fields that only the transport may set, and adds `Content-Length` for `HEAD`.
fn finish(mut response: Response<Bytes>, is_head: bool, in_flight: InFlight) -> Response<ResponseBody> {
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
    response.map(|body| ResponseBody::new(if sends { body } else { Bytes::new() }, in_flight))
}
