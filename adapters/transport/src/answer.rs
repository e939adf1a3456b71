//! Calls a service so that there is always an answer: a panic becomes a 500 that the service renders,
//! or, when it cannot even do that, a minimal one.
//! Leaves out which requests are refused, and how answers are written.

use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};

use bytes::Bytes;
use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Response, StatusCode, Uri, Version};

use crate::service::Service;

/// The service's answer to a request, or its refusal of one that has a [`StatusCode`] among its
/// extensions. When it panics, or gives an interim answer, it is asked once more to render a 500.
pub fn answer(service: &dyn Service, request: Request<Bytes>) -> Response<Bytes> {
    if let Some(status) = request.extensions().get::<StatusCode>().copied() {
        return render(service, request, status);
    }
    let reminder = Reminder::of(&request);
    call(service, request).unwrap_or_else(|| {
        tracing::error!("the service panicked, or gave an interim answer");
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        render(service, reminder.refused(status), status)
    })
}

/// Whether the request may wait; a service that panics at the question is given the benefit of it.
pub fn may_block(service: &dyn Service, method: &Method, path: &str) -> bool {
    catch_unwind(AssertUnwindSafe(|| service.may_block(method, path))).unwrap_or(true)
}

/// The answer of last resort, when the service cannot render even a refusal.
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

/// The service's answer, or `None` when it panicked or answered with an interim status, which is no
/// answer. The panic's message is not logged here, as it may hold anything; the panic hook has seen it.
fn call(service: &dyn Service, request: Request<Bytes>) -> Option<Response<Bytes>> {
    let response = catch_unwind(AssertUnwindSafe(|| service.call(request))).ok()?;
    (!response.status().is_informational()).then_some(response)
}

/// What it takes to render a refusal when the request itself is gone: its method and target, its peer,
/// and the form that the client asked for. It is made for every request, so it holds no more.
struct Reminder {
    method: Method,
    uri: Uri,
    version: Version,
    accept: Option<HeaderValue>,
    peer: Option<SocketAddr>,
}

impl Reminder {
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
