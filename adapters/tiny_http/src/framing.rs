//! Decides where the body of a request ends, and whether the request must be refused.

use http::StatusCode;
use tiny_http::Request;

use crate::limits::Limits;

/// Longest body that tiny_http reads into memory by itself, in bytes.
const LONGEST_IN_MEMORY: usize = 1024;

/// Where the body is when tiny_http hands the request over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Body {
    /// In memory, with this length in bytes. Zero if there is no body.
    InMemory(usize),
    /// On the connection, with this length in bytes.
    Unread(usize),
    /// On the connection, in chunks.
    Chunked,
}

/// Returns where the body is, which follows what tiny_http does: a transfer coding takes precedence over a
/// length.
pub(crate) fn body(request: &Request) -> Body {
    let stays_on_connection = values(request, "expect").next().is_some() || says(request, "upgrade");
    match request.body_length() {
        Some(length) if length > LONGEST_IN_MEMORY => Body::Unread(length),
        Some(length @ 1..) if stays_on_connection => Body::Unread(length),
        Some(length) => Body::InMemory(length),
        None if values(request, "transfer-encoding").next().is_some() => Body::Chunked,
        None => Body::InMemory(0),
    }
}

/// Returns the status with which the request must be refused, if any.
pub(crate) fn fault(request: &Request, body: Body, limits: &Limits) -> Option<StatusCode> {
    if is_contradictory(request) {
        return Some(StatusCode::BAD_REQUEST);
    }
    if request.headers().len() > limits.headers || head_bytes(request) > limits.head {
        return Some(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
    }
    match body {
        Body::InMemory(length) | Body::Unread(length) => {
            (length > limits.body).then_some(StatusCode::PAYLOAD_TOO_LARGE)
        }
        // tiny_http's decoder does not distinguish the last chunk from a broken connection.
        Body::Chunked => Some(StatusCode::LENGTH_REQUIRED),
    }
}

/// Returns whether the connection closes after the response. HTTP/1.0 is never kept open.
pub(crate) fn is_last(request: &Request) -> bool {
    is_old(request) || says(request, "close") || says(request, "upgrade")
}

/// Returns whether the version is HTTP/1.0 or older.
fn is_old(request: &Request) -> bool {
    *request.http_version() < (1, 1)
}

/// Returns whether two readers could frame the request differently (RFC 9112, sections 6.1 to 6.3).
fn is_contradictory(request: &Request) -> bool {
    let is_number = |text: &str| text.bytes().all(|b| b.is_ascii_digit()) && text.parse::<usize>().is_ok();
    let first_length = values(request, "content-length").next();
    let is_bad_length =
        values(request, "content-length").any(|length| !is_number(length) || first_length != Some(length));
    let mut codings = values(request, "transfer-encoding");
    let is_bad_coding = codings.next().is_some_and(|coding| {
        let is_chunked = coding.eq_ignore_ascii_case("chunked") && codings.next().is_none();
        !is_chunked || first_length.is_some() || is_old(request) || says(request, "upgrade")
    });
    is_bad_length || is_bad_coding
}

fn head_bytes(request: &Request) -> usize {
    // The separators take four bytes on the wire: colon, space, CR, LF.
    let fields = request.headers().iter();
    let fields = fields.map(|field| field.field.as_str().len() + field.value.len() + 4);
    request.method().as_str().len() + request.url().len() + fields.sum::<usize>()
}

/// Returns whether the first `Connection` field, the only one that tiny_http reads, has this option.
fn says(request: &Request, option: &str) -> bool {
    values(request, "connection")
        .next()
        .is_some_and(|value| value.to_ascii_lowercase().contains(option))
}

fn values<'a>(request: &'a Request, name: &'static str) -> impl Iterator<Item = &'a str> {
    let fields = request.headers().iter();
    let fields = fields.filter(move |field| field.field.equiv(name));
    fields.map(|field| field.value.as_str())
}
