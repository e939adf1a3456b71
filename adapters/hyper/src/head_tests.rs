//! Valid, malformed and ambiguous heads.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail at once")]

use super::*;

fn check_text(head: &str) -> Result<Framing, u16> {
    check(head.as_bytes(), 100).map_err(|status| status.as_u16())
}

#[track_caller]
fn check_fields(fields: &str) -> Result<Framing, u16> {
    check_text(&format!("POST / HTTP/1.1\r\nHost: a\r\n{fields}\r\n"))
}

#[test]
fn valid_heads_are_accepted() {
    assert_eq!(
        check_text("GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
        Ok(Framing::Sized(0))
    );
    assert_eq!(check_text("GET / HTTP/1.0\r\n\r\n"), Ok(Framing::Sized(0)));
    assert_eq!(
        check_text("OPTIONS * HTTP/1.1\r\nhost:a\r\n\r\n"),
        Ok(Framing::Sized(0))
    );
    assert_eq!(check_fields("content-length: 5\r\n"), Ok(Framing::Sized(5)));
    assert_eq!(check_fields("Content-Length:\t 005 \r\n"), Ok(Framing::Sized(5)));
    assert_eq!(
        check_fields("Transfer-Encoding: Chunked\r\n"),
        Ok(Framing::Chunked)
    );
    assert_eq!(check_fields("x:\r\nY: a\tb \u{e4}\r\n"), Ok(Framing::Sized(0)));
}

#[test]
fn ambiguous_heads_are_refused() {
    for fields in [
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: 5\r\nContent-Length: 5\r\n",
        "Content-Length: 5, 5\r\n",
        "Content-Length: +5\r\n",
        "Content-Length: -5\r\n",
        "Content-Length: 0x5\r\n",
        "Content-Length: \r\n",
        "Content-Length: 5 5\r\n",
        "Content-Length: 18446744073709551616\r\n",
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding: identity\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding:\r\n",
        "Host: b\r\n",
        "X : a\r\n",
        "Content-Length : 5\r\n",
        " X: a\r\n",
        "X: a\r\n b\r\n",
        "X: a\r\n\tb\r\n",
        "X\r\n",
        ": a\r\n",
        "X: a\rb\r\n",
        "X: a\nY: b\r\n",
        "X: a\0b\r\n",
        "X: a\u{7f}\r\n",
        "X\u{e4}: a\r\n",
        "kunci-refusal: 400\r\n",
        "Kunci-Refusal: 500\r\n",
    ] {
        assert_eq!(check_fields(fields), Err(400), "{fields:?}");
    }
}

#[test]
fn malformed_request_lines_are_refused() {
    for line in [
        "GET / HTTP/1.2",
        "GET / HTTP/2.0",
        "GET / http/1.1",
        "GET /",
        "GET",
        "",
        " GET / HTTP/1.1",
        "GET  / HTTP/1.1",
        "GET /  HTTP/1.1",
        "GET / HTTP/1.1 ",
        "GET\t/ HTTP/1.1",
        "GET /a b HTTP/1.1",
        "GET /a#b HTTP/1.1",
        "GET /\u{e4} HTTP/1.1",
        "GET example.org HTTP/1.1",
        "G@T / HTTP/1.1",
        "GET /\rHost: b HTTP/1.1",
        "GET /\nHost: b HTTP/1.1",
        "PRI * HTTP/2.0",
    ] {
        assert_eq!(
            check_text(&format!("{line}\r\nHost: a\r\n\r\n")),
            Err(400),
            "{line:?}"
        );
    }
}

#[test]
fn missing_or_repeated_host_is_refused() {
    assert_eq!(check_text("GET / HTTP/1.1\r\n\r\n"), Err(400));
    assert_eq!(
        check_text("GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n"),
        Err(400)
    );
}

#[test]
fn chunked_http_1_0_request_is_refused() {
    assert_eq!(
        check_text("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"),
        Err(400)
    );
}

#[test]
fn invalid_hosts_are_refused() {
    for (host, is_valid) in [
        ("", true),
        ("example.org", true),
        ("example.org:8443", true),
        ("192.0.2.1", true),
        ("[2001:db8::1]:80", true),
        ("a/b", false),
        ("a@b", false),
        ("a b", false),
        ("a, b", false),
        ("a?b", false),
        ("a#b", false),
    ] {
        let head = format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n");
        assert_eq!(check_text(&head).is_ok(), is_valid, "{host:?}");
    }
}

#[test]
fn huge_lengths_are_refused() {
    for (length, want) in [
        (u64::MAX >> 1, Ok(Framing::Sized(u64::MAX >> 1))),
        ((u64::MAX >> 1) + 1, Err(413)),
        (u64::MAX - 1, Err(413)),
        (u64::MAX, Err(413)),
    ] {
        assert_eq!(
            check_fields(&format!("Content-Length: {length}\r\n")),
            want,
            "{length}"
        );
    }
}

#[test]
fn number_of_fields_is_limited() {
    let head = |count: usize| {
        format!(
            "GET / HTTP/1.1\r\nHost: a\r\n{}\r\n",
            "X: a\r\n".repeat(count - 1)
        )
    };
    assert_eq!(check_text(&head(100)), Ok(Framing::Sized(0)));
    assert_eq!(check_text(&head(101)), Err(431));
}

#[test]
fn end_is_found_however_a_head_is_split() {
    let bytes = b"GET / HTTP/1.1\r\nHost: a\r\n\r\nrest";
    let end = bytes.len() - 4;
    for seen in 0..end {
        assert_eq!(end_of_head(&bytes[..end - 1], seen), None, "{seen}");
        assert_eq!(end_of_head(bytes, seen), Some(end), "{seen}");
    }
}

#[test]
fn accept_is_found_in_a_malformed_head() {
    let found = |head: &'static str| accept_value(head.as_bytes());
    assert_eq!(
        found("G@T /\r\nACCEPT: text/html\r\n\r\n"),
        Some(&b" text/html"[..])
    );
    assert_eq!(
        found("GET / HTTP/1.1\nAccept:text/html\n\n"),
        Some(&b"text/html"[..])
    );
    assert_eq!(found("GET / HTTP/1.1\r\nAccept: a\rb\r\n\r\n"), None);
    assert_eq!(found("GET / HTTP/1.1\r\nAccepted: a\r\n\r\n"), None);
    assert_eq!(found(""), None);
}
