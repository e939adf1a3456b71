//! Where a request's body ends, read twice: as tiny_http reads it, and as RFC 9112 does.
//! Leaves out the body itself, and what becomes of a request in which the two readings differ.

use http::StatusCode;
use tiny_http::{HTTPVersion, Header, Request};

use crate::limits::Limits;

/// Longest body that tiny_http reads into memory by itself, in bytes.
const LONGEST_IN_MEMORY: usize = 1024;

/// What tiny_http has left of a body on the connection, whatever we think of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rest {
    /// Nothing; so many bytes of body are in memory.
    Settled(usize),
    /// So many bytes. Dropping the request reads them all first.
    Sized(usize),
    /// Chunks up to the last one. Dropping the request leaves them to be read as the next request.
    Chunked,
    /// So many bytes, on a connection that takes no further request and may be dropped at any time.
    Raw(usize),
}

/// Everything about a request that decides how its body is read and how its connection goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Framing {
    /// What tiny_http has left to read.
    pub(crate) rest: Rest,
    /// Why the request must be refused, if it must.
    pub(crate) fault: Option<StatusCode>,
    /// Whether the client waits for `100 Continue` before it sends the body.
    pub(crate) expects: bool,
    /// Whether tiny_http takes no further request on this connection.
    pub(crate) last: bool,
}

impl Framing {
    /// Reads the framing of a request. `chunked` says whether the end of a chunked body can be told
    /// from a broken connection here; where it cannot, such a body is refused.
    pub(crate) fn of(request: &Request, limits: &Limits, chunked: bool) -> Self {
        let fields = Fields::of(request.headers());
        let old = is_old(request.http_version());
        let connection = fields.connection.map(str::to_ascii_lowercase);
        let says = |word: &str| connection.as_deref().is_some_and(|c| c.contains(word));
        let rest = fields.rest(request.body_length(), says("upgrade"));
        let fault = fields
            .contradiction(old)
            .or_else(|| head_fault(request, &fields, limits))
            .or_else(|| body_fault(rest, limits, chunked));
        Self {
            rest,
            fault,
            expects: fields.expects,
            last: says("close") || says("upgrade") || (old && !says("keep-alive")),
        }
    }
}

/// Whether the request is of HTTP/1.0 or below, where keeping a connection has to be agreed upon.
pub(crate) fn is_old(version: &HTTPVersion) -> bool {
    *version < (1, 1)
}

/// The fields that frame a request. Of `Connection` and `Expect` tiny_http looks at the first only.
#[derive(Default)]
struct Fields<'a> {
    bytes: usize,
    length: Option<&'a str>,
    lengths_differ: bool,
    codings: usize,
    coding: &'a str,
    connection: Option<&'a str>,
    expects: bool,
}

impl<'a> Fields<'a> {
    fn of(headers: &'a [Header]) -> Self {
        let mut fields = Self::default();
        for header in headers {
            let (name, value) = (header.field.as_str().as_str(), header.value.as_str());
            // The separators cost four bytes on the wire: colon, space, CR, LF.
            fields.bytes += name.len() + value.len() + 4;
            fields.note(name, value);
        }
        fields
    }

    /// Comparing lengths first makes this loop next to free, as most fields frame nothing.
    fn note(&mut self, name: &str, value: &'a str) {
        let is = |wanted: &str| name.eq_ignore_ascii_case(wanted);
        match name.len() {
            14 if is("content-length") => {
                self.lengths_differ |= self.length.is_some_and(|first| first != value);
                self.length.get_or_insert(value);
            }
            17 if is("transfer-encoding") => {
                self.codings += 1;
                self.coding = value;
            }
            10 if is("connection") => {
                self.connection.get_or_insert(value);
            }
            // tiny_http has refused any other expectation.
            6 if is("expect") => self.expects = true,
            _ => {}
        }
    }

    /// What tiny_http does: any transfer coding is taken for `chunked` and beats a length, and an
    /// upgrade beats both.
    fn rest(&self, length: Option<usize>, upgrade: bool) -> Rest {
        match length {
            length if upgrade => Rest::Raw(length.unwrap_or(0)),
            Some(0) => Rest::Settled(0),
            Some(length) if length <= LONGEST_IN_MEMORY && !self.expects => Rest::Settled(length),
            Some(length) => Rest::Sized(length),
            None if self.codings > 0 => Rest::Chunked,
            None => Rest::Settled(0),
        }
    }

    /// RFC 9112, sections 6.1 to 6.3: whatever two readers could frame differently is an error. An
    /// upgrade with a transfer coding is one here, as tiny_http would not decode it.
    fn contradiction(&self, old: bool) -> Option<StatusCode> {
        let bad_length = self.lengths_differ
            || self
                .length
                .is_some_and(|l| l.bytes().any(|b| !b.is_ascii_digit()) || l.parse::<usize>().is_err());
        let upgrade = self
            .connection
            .is_some_and(|c| c.to_ascii_lowercase().contains("upgrade"));
        let bad_coding = self.codings > 0
            && (self.codings > 1
                || self.length.is_some()
                || old
                || upgrade
                || !self.coding.eq_ignore_ascii_case("chunked"));
        (bad_length || bad_coding).then_some(StatusCode::BAD_REQUEST)
    }
}

fn head_fault(request: &Request, fields: &Fields<'_>, limits: &Limits) -> Option<StatusCode> {
    let bytes = request.method().as_str().len() + request.url().len() + fields.bytes;
    (request.headers().len() > limits.headers || bytes > limits.head)
        .then_some(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE)
}

fn body_fault(rest: Rest, limits: &Limits, chunked: bool) -> Option<StatusCode> {
    match rest {
        Rest::Settled(length) | Rest::Sized(length) | Rest::Raw(length) => {
            (length > limits.body).then_some(StatusCode::PAYLOAD_TOO_LARGE)
        }
        Rest::Chunked => (!chunked).then_some(StatusCode::LENGTH_REQUIRED),
    }
}
