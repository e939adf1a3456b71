//! Writes an answer, by the one buffer that all answers take, or past tiny_http's own head when the
//! request must not be let go.
//! Leaves out when which of the two is right, and who may write.

use std::io::{self, Write};
use std::time::SystemTime;

use bytes::Bytes;
use http::header::{DATE, HeaderName, SERVER};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use kunci_transport::{belongs_to_transport, declared_length, has_body, minimal};

use crate::date::Date;
use crate::leftover::Stream;

/// What the request says about the form of its answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Form {
    /// It was `HEAD`: no body, but the length that `GET` would have.
    pub(crate) is_head: bool,
    /// It was of HTTP/1.0, where a connection that stays open has to be announced.
    pub(crate) is_old: bool,
    /// The connection is not to be used again.
    pub(crate) closes: bool,
}

/// One worker's buffer and date.
#[derive(Debug, Default)]
pub(crate) struct Desk {
    out: Vec<u8>,
    date: Date,
}

/// Capacity that is kept between answers, in bytes.
const KEPT: usize = 64 * 1024;

impl Desk {
    /// The whole answer as it goes over the wire.
    ///
    /// One buffer means one `write`: head and body that go out separately cost a second system call,
    /// and with Nagle's algorithm a round trip.
    pub(crate) fn compose(&mut self, response: &Response<Bytes>, form: Form) -> &[u8] {
        self.out.clear();
        self.out.shrink_to(KEPT);
        if is_clean(response.headers()) {
            self.fill(response, form);
        } else {
            // The `http` crate's types make this impossible without `unsafe`; it is checked where it
            // would do harm all the same.
            tracing::error!("an answer with CR, LF or NUL in a header field was not sent");
            self.fill(&minimal(StatusCode::INTERNAL_SERVER_ERROR), form);
        }
        &self.out
    }

    fn fill(&mut self, response: &Response<Bytes>, form: Form) {
        let status = response.status();
        self.line(&[b"HTTP/1.1 ", status.as_str().as_bytes(), b" ", reason(status)]);
        for (name, value) in response.headers() {
            if !belongs_to_transport(name) {
                self.line(&[name.as_str().as_bytes(), b": ", value.as_bytes()]);
            }
        }
        if !response.headers().contains_key(DATE) {
            let date = self.date.at(SystemTime::now());
            put(&mut self.out, &[b"date: ", date.as_bytes(), b"\r\n"]);
        }
        if has_body(status) {
            let length = declared_length(response, form.is_head).to_string();
            self.line(&[b"content-length: ", length.as_bytes()]);
        }
        match form {
            Form { closes: true, .. } => self.line(&[b"connection: close"]),
            Form { is_old: true, .. } => self.line(&[b"connection: keep-alive"]),
            _ => {}
        }
        self.line(&[]);
        if has_body(status) && !form.is_head {
            self.out.extend_from_slice(response.body());
        }
    }

    fn line(&mut self, parts: &[&[u8]]) {
        put(&mut self.out, parts);
        self.out.extend_from_slice(b"\r\n");
    }
}

fn put(out: &mut Vec<u8>, parts: &[&[u8]]) {
    for part in parts {
        out.extend_from_slice(part);
    }
}

/// Answers a request without letting go of its body.
///
/// `upgrade` is the only way that tiny_http has to do this. It writes a head of its own: `Connection:
/// upgrade` and a protocol first, no length, no body, and it would leave out a `Connection` of ours. So
/// the two fields that matter travel behind the protocol's name, and what the answer advertises is
/// HTTP/1.1, which is true. RFC 9110, section 7.8, allows `Upgrade` in any answer.
pub(crate) fn answer_and_keep(request: tiny_http::Request, response: &Response<Bytes>, form: Form) -> Stream {
    let length = declared_length(response, form.is_head);
    let protocol = format!("HTTP/1.1\r\nConnection: close\r\nContent-Length: {length}");
    let status = tiny_http::StatusCode(response.status().as_u16());
    let fields = fields_for_tiny_http(response.headers());
    let head = tiny_http::Response::new(status, fields, io::empty(), None, None);
    let mut stream = request.upgrade(&protocol, head);
    if !form.is_head {
        // A client that has gone misses the answer, and there is nobody else to tell.
        let _ = stream.write_all(response.body()).and_then(|()| stream.flush());
    }
    stream
}

/// The fields that tiny_http can write, and a `Server` so that it does not add its own.
fn fields_for_tiny_http(headers: &HeaderMap) -> Vec<tiny_http::Header> {
    let server = (!headers.contains_key(SERVER)).then_some((&SERVER, "kunci".as_bytes()));
    headers
        .iter()
        .filter(|(name, value)| !belongs_to_transport(name) && is_clean_field(name, value))
        .map(|(name, value)| (name, value.as_bytes()))
        .chain(server)
        .filter_map(|(name, value)| tiny_http::Header::from_bytes(name.as_str(), value).ok())
        .collect()
}

fn reason(status: StatusCode) -> &'static [u8] {
    status.canonical_reason().unwrap_or_default().as_bytes()
}

fn is_clean(headers: &HeaderMap) -> bool {
    headers.iter().all(|(name, value)| is_clean_field(name, value))
}

fn is_clean_field(name: &HeaderName, value: &HeaderValue) -> bool {
    is_token(name.as_str().as_bytes()) && is_one_line(value.as_bytes())
}

/// Whether the bytes can stand as a field's name: a colon, a blank or a control character could end it.
fn is_token(name: &[u8]) -> bool {
    !name.is_empty() && name.iter().all(|b| b.is_ascii_graphic() && *b != b':')
}

/// Whether the bytes can stand as a field's value: CR, LF or NUL could end it (CVE-2026-66753).
fn is_one_line(value: &[u8]) -> bool {
    memchr::memchr3(b'\r', b'\n', 0, value).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_end_a_field_is_seen() {
        for value in ["a\rb", "a\nSet-Cookie: x", "a\0", "\r\n"] {
            assert!(!is_one_line(value.as_bytes()), "{value:?}");
        }
        assert!(is_one_line("tab\tand \u{fc}".as_bytes()));
        for name in ["", "a b", "a:", "a\r\nb", "a\0", "\u{fc}"] {
            assert!(!is_token(name.as_bytes()), "{name:?}");
        }
        assert!(is_token(b"x-content-type-options"));
    }

    #[test]
    fn an_answer_is_one_piece_and_exact() {
        let mut response = Response::new(Bytes::from_static(b"body"));
        response
            .headers_mut()
            .insert(DATE, HeaderValue::from_static("today"));
        let form = Form {
            is_head: false,
            is_old: false,
            closes: false,
        };
        let mut desk = Desk::default();
        let want = "HTTP/1.1 200 OK\r\ndate: today\r\ncontent-length: 4\r\n\r\nbody";
        assert_eq!(String::from_utf8_lossy(desk.compose(&response, form)), want);
        let closing = Form {
            closes: true,
            is_head: true,
            ..form
        };
        let want = "HTTP/1.1 200 OK\r\ndate: today\r\ncontent-length: 4\r\nconnection: close\r\n\r\n";
        assert_eq!(String::from_utf8_lossy(desk.compose(&response, closing)), want);
    }
}
