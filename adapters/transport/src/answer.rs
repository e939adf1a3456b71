//! Calls a service so that there is always a response. If the service panics, it renders a 500; if that fails
//! too, the response is a minimal one.

use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};

use bytes::Bytes;
use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Response, StatusCode, Uri, Version};

use crate::service::Service;

/// Returns the service's response to a request, or its refusal if the request has a [`StatusCode`] among its
/// extensions. If the service panics or returns an interim response, it is called once more to render a 500.
pub fn answer(service: &dyn Service, request: Request<Bytes>) -> Response<Bytes> {
    if let Some(status) = request.extensions().get::<StatusCode>().copied() {
        return render(service, request, status);
    }
    let summary = RequestSummary::of(&request);
    call(service, request).unwrap_or_else(|| {
        tracing::error!("the service panicked, or returned an interim response");
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        render(service, summary.refused(status), status)
    })
}

/// Returns whether handling the request can block. If the service panics, the result is `true`.
pub fn may_block(service: &dyn Service, method: &Method, path: &str) -> bool {
    catch_unwind(AssertUnwindSafe(|| service.may_block(method, path))).unwrap_or(true)
}

/// Returns a minimal response, for the case that the service cannot render a refusal.
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
        tracing::error!(%status, "the service could not render a refusal");
        minimal(status)
    })
}

/// Returns the service's response, or `None` if it panicked or returned an interim status. The panic's message
/// is not logged here, because it can contain anything.
fn call(service: &dyn Service, request: Request<Bytes>) -> Option<Response<Bytes>> {
    let response = catch_unwind(AssertUnwindSafe(|| service.call(request))).ok()?;
    (!response.status().is_informational()).then_some(response)
}

/// The parts of a request that are needed to render a refusal. They are copied for each request, so there are
/// few.
struct RequestSummary {
    method: Method,
    uri: Uri,
    version: Version,
    accept: Option<HeaderValue>,
    peer: Option<SocketAddr>,
}

impl RequestSummary {
    fn of(whole: &Request<Bytes>) -> Self {
        Self {
            method: whole.method().clone(),
            uri: whole.uri().clone(),
            version: whole.version(),
            accept: whole.headers().get(ACCEPT).cloned(),
            peer: whole.extensions().get().copied(),
        }
    }

    fn refused(self, status: StatusCode) -> Request<Bytes> {
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
