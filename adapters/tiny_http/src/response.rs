//! Formats responses.

use std::time::SystemTime;

use bytes::Bytes;
use http::header::DATE;
use http::{Response, StatusCode};
use kunci_transport::{belongs_to_transport, declared_length, has_body, minimal};

/// What the request says about the form of its response.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Form {
    /// The method is `HEAD`: the response has no body, but the length that `GET` would have.
    pub(crate) is_head: bool,
    /// The connection is closed after the response.
    pub(crate) closes: bool,
}

/// The buffer of one worker.
#[derive(Debug, Default)]
pub(crate) struct ResponseBuffer(Vec<u8>);

/// Capacity that is kept between responses, in bytes.
const KEPT_CAPACITY: usize = 64 * 1024;

impl ResponseBuffer {
    /// Formats the whole response, so that head and body go out in one write. A second write costs a
    /// system call, and with Nagle's algorithm a round trip.
    pub(crate) fn format(&mut self, response: &Response<Bytes>, form: Form) -> &[u8] {
        self.0.clear();
        self.0.shrink_to(KEPT_CAPACITY);
        let mut values = response.headers().values();
        if values.all(|value| is_one_line(value.as_bytes())) {
            self.fill(response, form);
        } else {
            tracing::error!("a response with CR, LF or NUL in a header field was not sent");
            self.fill(&minimal(StatusCode::INTERNAL_SERVER_ERROR), form);
        }
        &self.0
    }

    fn fill(&mut self, response: &Response<Bytes>, form: Form) {
        let status = response.status();
        let reason = status.canonical_reason().unwrap_or_default();
        self.line(&[b"HTTP/1.1 ", status.as_str().as_bytes(), b" ", reason.as_bytes()]);
        for (name, value) in response.headers() {
            if !belongs_to_transport(name) {
                self.line(&[name.as_str().as_bytes(), b": ", value.as_bytes()]);
            }
        }
        if !response.headers().contains_key(DATE) {
            let date = httpdate::fmt_http_date(SystemTime::now());
            self.line(&[b"date: ", date.as_bytes()]);
        }
        if has_body(status) {
            let length = declared_length(response, form.is_head).to_string();
            self.line(&[b"content-length: ", length.as_bytes()]);
        }
        if form.closes {
            self.line(&[b"connection: close"]);
        }
        self.line(&[]);
        if has_body(status) && !form.is_head {
            self.0.extend_from_slice(response.body());
        }
    }

    fn line(&mut self, parts: &[&[u8]]) {
        for part in parts {
            self.0.extend_from_slice(part);
        }
        self.0.extend_from_slice(b"\r\n");
    }
}

/// Checks a field's value at the place where a mistake would allow response splitting, although the types of
/// the `http` crate already promise that it is one line.
pub(crate) fn is_one_line(value: &[u8]) -> bool {
    memchr::memchr3(b'\r', b'\n', b'\0', value).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn value_with_a_line_end_or_nul_is_invalid() {
        for value in ["a\rb", "a\nSet-Cookie: x", "a\0", "\r\n"] {
            assert!(!is_one_line(value.as_bytes()), "{value:?}");
        }
        assert!(is_one_line("tab\tand \u{fc}".as_bytes()));
    }
}
