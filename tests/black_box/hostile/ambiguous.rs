//! Requests with ambiguous framing or syntax, each followed by a second request (request smuggling).

use std::time::Duration;

use super::{MAX_DELAY, PING, assert_serves_promptly, start_server};
use crate::support::{Response, Server, Socket, Transport, for_each_transport};

for_each_transport!(
    ambiguous_heads_are_refused_or_documented,
    unsupported_versions_are_refused,
    malformed_chunks_are_refused,
    repeated_equal_lengths_are_merged_or_refused,
);

/// The expected behaviour of tiny_http. hyper refuses all these requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TinyHttp {
    /// Kunci's own 400, with `Connection: close`.
    Refuses,
    /// tiny_http's own 400, without Kunci's headers.
    SendsBare400,
    /// Accepts the request as if it were well-formed, and answers the request after it.
    Accepts,
    /// No response.
    Hangs,
}
use TinyHttp::{Accepts, Hangs, Refuses, SendsBare400};

type Case = (&'static str, TinyHttp, &'static str);

/// Name, behaviour of tiny_http, and request. The tests replace `ACCEPT` with an `Accept` header line.
#[rustfmt::skip]
const HEADS: &[Case] = &[
    ("two lengths", Refuses, "POST /login HTTP/1.1\r\nHost: x\r\nACCEPTContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcde"),
    ("a list of lengths", Refuses, "POST /login HTTP/1.1\r\nHost: x\r\nACCEPTContent-Length: 5, 6\r\n\r\nabcde"),
    ("a length with a sign", Refuses, "POST /login HTTP/1.1\r\nHost: x\r\nACCEPTContent-Length: +5\r\n\r\nabcde"),
    ("a negative length", Refuses, "POST /login HTTP/1.1\r\nHost: x\r\nACCEPTContent-Length: -1\r\n\r\n"),
    ("a hexadecimal length", Refuses, "POST /login HTTP/1.1\r\nHost: x\r\nACCEPTContent-Length: 0x5\r\n\r\nabcde"),
    ("an empty length", Refuses, "POST /login HTTP/1.1\r\nHost: x\r\nACCEPTContent-Length:\r\n\r\n"),
    ("a length before a coding", Refuses, "POST /login HTTP/1.1\r\nHost: x\r\nACCEPTContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    ("a length after a coding", Refuses, "POST /login HTTP/1.1\r\nHost: x\r\nACCEPTTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"),
    ("chunked and then identity", Refuses, "POST /login HTTP/1.1\r\nHost: x\r\nACCEPTTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"),
    ("identity", Refuses, "POST /login HTTP/1.1\r\nHost: x\r\nACCEPTTransfer-Encoding: identity\r\n\r\n"),
    ("an unsupported coding", Refuses, "POST /login HTTP/1.1\r\nHost: x\r\nACCEPTTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
    ("chunked twice", Refuses, "POST /login HTTP/1.1\r\nHost: x\r\nACCEPTTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    ("nearly chunked", Refuses, "POST /login HTTP/1.1\r\nHost: x\r\nACCEPTTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
    ("chunked in quotes", Refuses, "POST /login HTTP/1.1\r\nHost: x\r\nACCEPTTransfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n"),
    ("chunked after a vertical tab", Refuses, "POST /login HTTP/1.1\r\nHost: x\r\nACCEPTTransfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n"),
    ("chunked on HTTP/1.0", Refuses, "POST /login HTTP/1.0\r\nHost: x\r\nACCEPTTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    ("CR in a value", Refuses, "GET /profile HTTP/1.1\r\nHost: x\r\nACCEPTX: a\rb\r\n\r\n"),
    ("CR as a line end", Refuses, "GET /profile HTTP/1.1\r\nHost: x\r\nACCEPTX: y\rContent-Length: 5\r\n\r\n"),
    ("LF as every line end", SendsBare400, "GET /profile HTTP/1.1\nHost: x\n\n"),
    ("LF as a line end", Refuses, "GET /profile HTTP/1.1\r\nHost: x\r\nACCEPTX: y\nContent-Length: 5\r\n\r\n"),
    ("LF as the last line end", SendsBare400, "GET /profile HTTP/1.1\r\nHost: x\r\nACCEPTX: y\r\n\n"),
    ("a space before the colon", SendsBare400, "GET /profile HTTP/1.1\r\nHost: x\r\nACCEPTX : y\r\n\r\n"),
    ("a space after the name Content-Length", SendsBare400, "POST /login HTTP/1.1\r\nHost: x\r\nACCEPTContent-Length : 5\r\n\r\nabcde"),
    ("a folded line", SendsBare400, "GET /profile HTTP/1.1\r\nHost: x\r\nACCEPTX: y\r\n z\r\n\r\n"),
    ("a folded coding", SendsBare400, "POST /login HTTP/1.1\r\nHost: x\r\nACCEPTTransfer-Encoding:\r\n\tchunked\r\n\r\n0\r\n\r\n"),
    ("a folded first line", Accepts, "GET /profile HTTP/1.1\r\n Host: x\r\nACCEPT\r\n"),
    ("NUL in a value", Refuses, "GET /profile HTTP/1.1\r\nHost: x\r\nACCEPTX: a\0b\r\n\r\n"),
    ("NUL in a name", Refuses, "GET /profile HTTP/1.1\r\nHost: x\r\nACCEPTX\0: y\r\n\r\n"),
    ("a field without a colon", SendsBare400, "GET /profile HTTP/1.1\r\nHost: x\r\nACCEPTnonsense\r\n\r\n"),
    ("a field without a name", Refuses, "GET /profile HTTP/1.1\r\nHost: x\r\nACCEPT: y\r\n\r\n"),
    ("no Host", Accepts, "GET /profile HTTP/1.1\r\nACCEPT\r\n"),
    ("two Hosts", Accepts, "GET /profile HTTP/1.1\r\nHost: x\r\nHost: y\r\nACCEPT\r\n"),
    ("the same Host twice", Accepts, "GET /profile HTTP/1.1\r\nHost: x\r\nHost: x\r\nACCEPT\r\n"),
    ("a Host with a path", Accepts, "GET /profile HTTP/1.1\r\nHost: x/y\r\nACCEPT\r\n"),
    ("a Host with a user", Accepts, "GET /profile HTTP/1.1\r\nHost: a@b\r\nACCEPT\r\n"),
    ("a Host with a space", Accepts, "GET /profile HTTP/1.1\r\nHost: a b\r\nACCEPT\r\n"),
    ("a list of Hosts", Accepts, "GET /profile HTTP/1.1\r\nHost: x, y\r\nACCEPT\r\n"),
    ("two spaces in the request line", SendsBare400, "GET  /profile HTTP/1.1\r\nHost: x\r\nACCEPT\r\n"),
    ("tabs in the request line", SendsBare400, "GET\t/profile\tHTTP/1.1\r\nHost: x\r\nACCEPT\r\n"),
];

#[rustfmt::skip]
const VERSIONS: &[Case] = &[
    ("2.0", Hangs, "GET /profile HTTP/2.0\r\nHost: x\r\nACCEPT\r\n"),
    ("the preface of HTTP/2", Hangs, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    ("1.2", SendsBare400, "GET /profile HTTP/1.2\r\nHost: x\r\nACCEPT\r\n"),
    ("3.0", Hangs, "GET /profile HTTP/3.0\r\nHost: x\r\nACCEPT\r\n"),
    ("none", SendsBare400, "GET /profile\r\nHost: x\r\nACCEPT\r\n"),
    ("0.9", Accepts, "GET /profile HTTP/0.9\r\nHost: x\r\nACCEPT\r\n"),
    ("in lowercase", SendsBare400, "GET /profile http/1.1\r\nHost: x\r\nACCEPT\r\n"),
    ("with a sign", SendsBare400, "GET /profile HTTP/+1.1\r\nHost: x\r\nACCEPT\r\n"),
];

/// Name and body: malformed chunks.
const CHUNKS: &[(&str, &str)] = &[
    ("a size that is not a number", "x\r\nabc\r\n0\r\n\r\n"),
    ("a size with a prefix", "0x3\r\nabc\r\n0\r\n\r\n"),
    ("a size with a sign", "+3\r\nabc\r\n0\r\n\r\n"),
    ("a negative size", "-1\r\nabc\r\n0\r\n\r\n"),
    ("no size", "\r\nabc\r\n0\r\n\r\n"),
    ("a size of 17 digits", "fffffffffffffffff\r\nabc\r\n0\r\n\r\n"),
    ("a size that overflows to zero", "10000000000000000\r\n\r\n"),
    ("a size line that ends with LF", "3\nabc\r\n0\r\n\r\n"),
    ("more data than the size", "3\r\nabcd\r\n0\r\n\r\n"),
    ("an LF in an extension", "3;a\nb\r\nabc\r\n0\r\n\r\n"),
];

fn ambiguous_heads_are_refused_or_documented(transport: Transport) {
    let server = start_server(transport, "");
    for case in HEADS {
        check(&server, transport, case, &[400]);
    }
    assert_serves_promptly(&server);
}

fn unsupported_versions_are_refused(transport: Transport) {
    let server = start_server(transport, "");
    for case in VERSIONS {
        check(&server, transport, case, &[400, 505]);
    }
    assert_serves_promptly(&server);
}

fn malformed_chunks_are_refused(transport: Transport) {
    let server = start_server(transport, "");
    let head = "POST /login HTTP/1.1\r\nHost: x\r\nACCEPTTransfer-Encoding: chunked\r\n\r\n";
    for (name, body) in CHUNKS {
        match transport {
            // tiny_http refuses every chunked body, and closes the connection.
            Transport::TinyHttp => {
                let mut socket = Socket::connect(server.address());
                let _ = socket.send(head.replace("ACCEPT", "") + body + PING);
                let response = socket.response();
                assert!([400, 411].contains(&response.status), "{name}: {response:?}");
                assert_kunci_headers(name, &response);
                socket.shutdown_write();
                assert_eq!(socket.responses().len(), 0, "{name}");
            }
            Transport::Hyper => check(
                &server,
                transport,
                &(name, Refuses, &format!("{head}{body}")),
                &[400],
            ),
        }
    }
    assert_serves_promptly(&server);
}

/// RFC 9110, section 8.6, allows both. The lengths must neither be added nor delimit two bodies.
fn repeated_equal_lengths_are_merged_or_refused(transport: Transport) {
    let server = start_server(transport, "");
    let head = "POST /logout HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\n";
    let mut socket = Socket::connect(server.address());
    socket.send(format!("{head}abc{PING}")).unwrap();
    socket.shutdown_write();
    let statuses: Vec<_> = socket
        .responses()
        .iter()
        .map(|response| response.status)
        .collect();
    assert!(
        [&[400][..], &[200, 200], &[415, 200]].contains(&&*statuses),
        "{statuses:?}"
    );
}

/// Values of `Accept`, and the content types of their responses.
const FORMATS: [(&str, &str); 3] = [
    ("*/*", "text/plain; charset=utf-8"),
    ("text/html", "text/html; charset=utf-8"),
    ("application/json", "application/json"),
];

/// Sends the request with each `Accept` value, followed by another request, and checks the responses.
#[track_caller]
fn check(
    server: &Server,
    transport: Transport,
    (name, tiny, request): &(&str, TinyHttp, &str),
    statuses: &[u16],
) {
    let sent = FORMATS.map(|(accept, _)| {
        let mut socket = Socket::connect(server.address());
        // The server may close the connection before it has read the second request.
        let _ = socket.send(request.replace("ACCEPT", &format!("Accept: {accept}\r\n")) + PING);
        socket
    });
    match transport {
        Transport::TinyHttp => check_tiny_http(name, *tiny, sent),
        Transport::Hyper => {
            for (socket, (accept, kind)) in sent.into_iter().zip(FORMATS) {
                let response = check_hyper(name, statuses, socket);
                let content_type = response.header("content-type");
                let has_accept = request.contains("ACCEPT");
                assert!(
                    !has_accept || content_type == Some(kind),
                    "{name}: {content_type:?} for {accept}"
                );
            }
        }
    }
}

/// Checks that hyper refuses the request and closes the connection.
#[track_caller]
fn check_hyper(name: &str, statuses: &[u16], mut socket: Socket) -> Response {
    assert!(socket.input_within(MAX_DELAY).is_some(), "{name}: no response");
    let response = socket.response();
    assert!(statuses.contains(&response.status), "{name}: {response:?}");
    assert_eq!(response.header("connection"), Some("close"), "{name}");
    assert_kunci_headers(name, &response);
    assert!(
        socket.input_within(MAX_DELAY).is_some(),
        "{name}: the connection stays open"
    );
    assert_eq!(socket.responses().len(), 0, "{name}");
    response
}

/// Checks the behaviour of tiny_http, which may leave such a connection open.
#[track_caller]
fn check_tiny_http(name: &str, tiny: TinyHttp, mut sent: [Socket; 3]) {
    if tiny == Hangs {
        for socket in &mut sent {
            assert!(socket.input_within(Duration::from_millis(50)).is_none(), "{name}");
        }
        return;
    }
    // tiny_http reads some of these differently after the end of the stream, so the first response is read before it.
    let first_responses = sent.each_mut().map(Socket::response);
    sent.iter_mut().for_each(Socket::shutdown_write);
    for (first, mut socket) in first_responses.iter().zip(sent) {
        check_responses(name, tiny, first, &socket.responses());
    }
}

#[track_caller]
fn check_responses(name: &str, tiny: TinyHttp, first: &Response, later: &[Response]) {
    let is_bare =
        |response: &Response| response.status == 400 && response.header("server") == Some("tiny-http (Rust)");
    match tiny {
        Refuses => {
            // tiny_http refuses every chunked body with 411.
            let statuses = if name.starts_with("chunked") {
                [400, 411]
            } else {
                [400, 400]
            };
            assert!(statuses.contains(&first.status), "{name}: {first:?}");
            assert!(asks_to_close(first), "{name}: {first:?}");
            assert_kunci_headers(name, first);
        }
        SendsBare400 => assert!(
            is_bare(first) && later.iter().all(is_bare),
            "{name}: {first:?}, {later:?}"
        ),
        Accepts => {
            assert_ne!(first.status, 400, "{name}");
            assert_eq!(later[0].body, "ok\n", "{name}: {later:?}");
        }
        Hangs => panic!("{name}: {first:?}"),
    }
}

/// Returns whether any `Connection` field is `close`. tiny_http may add a second field.
fn asks_to_close(response: &Response) -> bool {
    let mut fields = response.headers.iter();
    fields.any(|(name, value)| name.eq_ignore_ascii_case("connection") && value.eq_ignore_ascii_case("close"))
}

#[track_caller]
fn assert_kunci_headers(name: &str, response: &Response) {
    assert_eq!(response.missing_headers(), [""; 0], "{name}: {response:?}");
}
