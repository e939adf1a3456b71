//! Building answers. The headers that every answer carries are added by the app.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use kunci_maud::Markup;
use serde::Serialize;
use serde_json::{Value, json};

use crate::errors::Error;
use crate::representation::Representation;
use crate::request::Request;

/// How many headers an answer has room for from the start: those that every answer carries, and a few.
const ROOM: usize = 12;

/// An answer whose body is whole.
pub type Response = http::Response<Bytes>;

/// One line of text; the line feed is added.
#[must_use]
pub fn text(line: impl Into<String>) -> Response {
    let mut line = line.into();
    line.push('\n');
    with_body("text/plain; charset=utf-8", line)
}

/// A value as JSON.
///
/// What cannot be written as JSON (a map whose keys are no strings) answers 500.
#[must_use]
pub fn json(value: &impl Serialize) -> Response {
    match serde_json::to_vec(value) {
        Ok(body) => with_body("application/json", body),
        Err(error) => {
            tracing::error!(%error, "an answer cannot be written as JSON");
            status(StatusCode::INTERNAL_SERVER_ERROR, text("Something went wrong"))
        }
    }
}

/// A page.
#[must_use]
pub fn html(page: Markup) -> Response {
    with_body("text/html; charset=utf-8", page.into_string())
}

/// Sends the client elsewhere with `GET` (303); what cannot stand in a header leads to `/`.
#[must_use]
pub fn redirect(location: &str) -> Response {
    let location = HeaderValue::from_str(location).unwrap_or(HeaderValue::from_static("/"));
    let mut response = status(StatusCode::SEE_OTHER, Response::default());
    response.headers_mut().insert(header::LOCATION, location);
    response
}

/// What stands in for an answer when a request is refused: with the error's status, and the headers that
/// go with it. The log is told of it here, whether a form comes back or a message.
pub(crate) fn refused(error: &Error, response: Response) -> Response {
    error.log();
    let (code, _) = error.status_and_code();
    let mut response = status(code, response);
    if let Error::MethodNotAllowed(allow) = error {
        response.headers_mut().insert(header::ALLOW, allow.clone());
    }
    if let Some(seconds) = error.retry_after() {
        let seconds = HeaderValue::from(seconds);
        response.headers_mut().insert(header::RETRY_AFTER, seconds);
    }
    response
}

/// One answer in three forms; only the one that was asked for is made.
pub(crate) fn reply(
    request: &mut Request,
    line: impl FnOnce(&Request) -> String,
    value: impl FnOnce(&Request) -> Value,
    page: impl FnOnce(&mut Request) -> Response,
) -> Response {
    match request.representation() {
        Representation::Text => text(line(request)),
        Representation::Json => json(&value(request)),
        Representation::Page => page(request),
    }
}

/// The same, where a program has to be told no more than people: one sentence.
pub(crate) fn say(
    request: &mut Request,
    sentence: &str,
    page: impl FnOnce(&mut Request) -> Response,
) -> Response {
    let message = || json!({"message": sentence});
    reply(request, |_| sentence.to_owned(), |_| message(), page)
}

/// The same answer with another status; one that leads elsewhere keeps its own.
pub(crate) fn unless_redirect(code: StatusCode, response: Response) -> Response {
    if response.status() == StatusCode::OK {
        status(code, response)
    } else {
        response
    }
}

/// The same answer with another status.
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
