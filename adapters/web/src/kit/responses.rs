//! Constructors for responses. The app adds the headers that every response has.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use kunci_maud::Markup;
use serde::Serialize;

use crate::errors::Error;
use crate::security_log::{Failure, Refusal};

/// Initial capacity of the header map: the headers that every response has, and a few more.
const ROOM: usize = 12;

/// A response with its complete body.
pub type Response = http::Response<Bytes>;

/// Returns a response with one line of text. The line feed is added.
#[must_use]
pub fn text(line: impl Into<String>) -> Response {
    let mut line = line.into();
    line.push('\n');
    with_body("text/plain; charset=utf-8", line)
}

/// Returns a response with a value as JSON.
///
/// If the value cannot be serialized (for example a map whose keys are not strings), the response is 500.
#[must_use]
pub fn json(value: &impl Serialize) -> Response {
    match serde_json::to_vec(value) {
        Ok(body) => with_body("application/json", body),
        Err(error) => {
            tracing::error!(%error, "a response cannot be serialized as JSON");
            status(StatusCode::INTERNAL_SERVER_ERROR, text("Something went wrong"))
        }
    }
}

/// Returns a response with a page.
#[must_use]
pub fn html(page: Markup) -> Response {
    with_body("text/html; charset=utf-8", page.into_string())
}

/// Redirects the client with 303. If `location` is not a valid header value, the target is `/`.
#[must_use]
pub fn redirect(location: &str) -> Response {
    let location = HeaderValue::from_str(location).unwrap_or(HeaderValue::from_static("/"));
    let mut response = status(StatusCode::SEE_OTHER, Response::default());
    response.headers_mut().insert(header::LOCATION, location);
    response
}

/// Adds the status and the headers of an error to a response, and marks a refusal or failure for the log.
///
/// The body of the response is a form to correct or an error message.
pub(crate) fn with_error(error: &Error, response: Response) -> Response {
    let (code, _) = error.status_and_code();
    let mut response = status(code, response);
    if let Some(refusal) = Refusal::of(error) {
        response.extensions_mut().insert(refusal);
    }
    if let Some(failure) = Failure::of(error) {
        response.extensions_mut().insert(failure);
    }
    if let Error::MethodNotAllowed(allow) = error {
        response.headers_mut().insert(header::ALLOW, allow.clone());
    }
    if let Some(seconds) = error.retry_after() {
        let seconds = HeaderValue::from(seconds);
        response.headers_mut().insert(header::RETRY_AFTER, seconds);
    }
    response
}

/// Sets the status of a response.
pub(crate) fn status(status: StatusCode, mut response: Response) -> Response {
    *response.status_mut() = status;
    response
}

pub(crate) fn with_body(content_type: &'static str, body: impl Into<Bytes>) -> Response {
    let mut response = Response::new(body.into());
    let mut headers = HeaderMap::with_capacity(ROOM);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    *response.headers_mut() = headers;
    response
}
