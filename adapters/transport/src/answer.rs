//! Calls a service, and always returns a response. After a panic, the service renders a 500. If that fails too,
//! the response is a minimal one.

use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};

use bytes::Bytes;
use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Response, StatusCode, Uri, Version};

use crate::service::Service;

/// Returns the service's response. If the request has a [`StatusCode`] extension, the service renders a refusal
/// with that status. If the service panics or returns an interim response (1xx), it is called again to render a
/// 500.
pub fn answer(service: &dyn Service, request: Request<Bytes>) -> Response<Bytes> {
    if let Some(status) = request.extensions().get::<StatusCode>().copied() {
        return render(service, request, status);
    }
    let summary = RequestSummary::of(&request);
    call(service, request).unwrap_or_else(|| {
        tracing::error!("the service panicked, or returned an interim response");
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        render(service, summary.into_refused(status), status)
    })
}

/// Returns whether answering the request can block. If the service panics, the result is `true`.
pub fn may_block(service: &dyn Service, method: &Method, path: &str) -> bool {
    catch_unwind(AssertUnwindSafe(|| service.may_block(method, path))).unwrap_or(true)
}

/// Returns a minimal response, for use when the service cannot render a refusal.
pub fn minimal(status: StatusCode) -> Response<Bytes> {
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

fn render(service: &dyn Service, refused: Request<Bytes>, status: StatusCode) -> Response<Bytes> {
    call(service, refused).unwrap_or_else(|| {
        tracing::error!(%status, "the service cannot render a refusal");
        minimal(status)
    })
}

/// Returns the service's response, or `None` if it panicked or returned an interim status. The panic message is
/// not logged here, because it can contain secrets.
fn call(service: &dyn Service, request: Request<Bytes>) -> Option<Response<Bytes>> {
    let response = catch_unwind(AssertUnwindSafe(|| service.call(request))).ok()?;
    (!response.status().is_informational()).then_some(response)
}

/// The parts of a request that the service needs to render a 500. They are copied before every call, so only
/// the necessary ones are included.
struct RequestSummary {
    method: Method,
    uri: Uri,
    version: Version,
    accept: Option<HeaderValue>,
    peer: Option<SocketAddr>,
}

impl RequestSummary {
    fn of(request: &Request<Bytes>) -> Self {
        Self {
            method: request.method().clone(),
            uri: request.uri().clone(),
            version: request.version(),
            accept: request.headers().get(ACCEPT).cloned(),
            peer: request.extensions().get().copied(),
        }
    }

    fn into_refused(self, status: StatusCode) -> Request<Bytes> {
        let mut refused = Request::new(Bytes::new());
        *refused.method_mut() = self.method;
        *refused.uri_mut() = self.uri;
        *refused.version_mut() = self.version;
        if let Some(accept) = self.accept {
            refused.headers_mut().insert(ACCEPT, accept);
        }
        if let Some(peer) = self.peer {
            refused.extensions_mut().insert(peer);
        }
        refused.extensions_mut().insert(status);
        refused
    }
}
