//! What a transport hosts, and how it is called so that nothing it does can end a worker.
//! Leaves out how requests come in and how answers are written.

use std::panic::{AssertUnwindSafe, catch_unwind};

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Response, StatusCode};

/// What a transport hosts: a function from a whole request to a whole response.
pub trait Service: Send + Sync + 'static {
    /// Answers one request whose body is already read and bounded.
    ///
    /// Two extensions of the request matter:
    ///
    /// - [`std::net::SocketAddr`] is the peer. It is absent on Unix sockets.
    /// - [`http::StatusCode`] means that the transport refuses this request with that status (400,
    ///   408, 411, 413, 431, 500 or 503) and asks only to render the refusal, with all its headers, in
    ///   the form that the client asked for. Such a request has no body, lacks header fields that are
    ///   malformed or too many, and has `/` and `GET` in place of a target and a method that do not
    ///   parse.
    ///
    /// A response's `Content-Length` is what its body has, so the field is ignored, except in the
    /// answer to a `HEAD` request with an empty body. `Connection`, `Keep-Alive`, `Transfer-Encoding`,
    /// `Trailer` and `Upgrade` belong to the transport and are left out.
    ///
    /// Panics should be caught here. One that escapes costs a second call, with status 500, in which the
    /// request has no header field but `Accept`.
    fn call(&self, request: Request<Bytes>) -> Response<Bytes>;

    /// Whether answering may wait, for a password hash or the network, say. Such requests go to the
    /// slow workers. It is asked for every request, even one that is going to be refused, and must be
    /// quick. The path is as the client sent it, without the query, nothing decoded.
    fn may_block(&self, method: &Method, path: &str) -> bool;
}

/// The service's answer, or `None` when it panicked or answered with an interim status, which is no
/// answer. The panic's message is not logged here, as it may hold anything; the panic hook has seen it.
pub(crate) fn call(service: &dyn Service, request: Request<Bytes>) -> Option<Response<Bytes>> {
    let response = catch_unwind(AssertUnwindSafe(|| service.call(request))).ok()?;
    (!response.status().is_informational()).then_some(response)
}

/// Whether the request may wait; a service that panics at the question is given the benefit of it.
pub(crate) fn may_block(service: &dyn Service, method: &Method, path: &str) -> bool {
    catch_unwind(AssertUnwindSafe(|| service.may_block(method, path))).unwrap_or(true)
}

/// The answer of last resort, when the service cannot render even a refusal.
pub(crate) fn minimal(status: StatusCode) -> Response<Bytes> {
    let text = status.canonical_reason().unwrap_or("Refused");
    let mut response = Response::new(Bytes::from(format!("{text}\n")));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
