//! Requests as the service gets them, and heads that are refused.

mod common;

use common::Host;
use kunci_tiny_http::{Limits, Listen};

#[test]
fn service_gets_method_target_fields_and_peer() {
    let host = Host::start();
    let mut client = host.client();
    let answer = client.ask("PROPFIND /show?a=%20b HTTP/1.1\r\nX-Two: 1\r\nHost:  y \r\nx-two: 2\r\n\r\n");
    let peer = format!("peer Some({})", client.address());
    let want = [
        "PROPFIND /show?a=%20b",
        peer.as_str(),
        "x-two: 1",
        "x-two: 2",
        "host: y",
    ];
    assert_eq!(answer.text().lines().collect::<Vec<_>>(), want);
}

#[test]
fn absolute_targets_keep_their_authority() {
    let host = Host::start();
    let answer = host.client().get("http://example.org/show?x");
    assert_eq!(
        answer.text().lines().next(),
        Some("GET http://example.org/show?x")
    );
    assert_eq!(host.client().ask("OPTIONS * HTTP/1.1\r\n\r\n").text(), "*\n");
}

#[test]
fn clients_of_a_unix_socket_have_no_address() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::on(&Listen::Unix(folder.path().join("s")), Limits::default());
    assert_eq!(
        host.client().get("/show").text().lines().nth(1),
        Some("peer None")
    );
}

#[track_caller]
fn is_refused_with_400(host: &Host, request: &[u8]) {
    let shown = String::from_utf8_lossy(request);
    let mut client = host.send(request);
    let answer = client.answer();
    assert_eq!(
        (answer.status, answer.all("x-from")),
        (400, vec!["service"]),
        "{shown}"
    );
    assert!(answer.closes(), "{shown}");
    assert!(answer.all("server").is_empty(), "{shown}");
}

#[test]
fn malformed_heads_are_refused_in_the_requested_form() {
    let host = Host::start();
    for request in [
        &b"GET example.org HTTP/1.1\r\n\r\n"[..],
        b"GET  HTTP/1.1\r\n\r\n",
        b"GET * HTTP/1.1\r\n\r\n",
        b"CONNECT example.org:443 HTTP/1.1\r\n\r\n",
        b"GET /<a> HTTP/1.1\r\n\r\n",
        b"GET /a#b HTTP/1.1\r\n\r\n",
        b"G@T / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nX: a\0b\r\n\r\n",
        b"GET / HTTP/1.1\r\nX: a\nTransfer-Encoding: chunked\r\n\r\n",
        b"GET / HTTP/1.1\r\nX: a\rb\r\n\r\n",
        b"GET / HTTP/1.1\r\nX(: a\r\n\r\n",
        b"GET / HTTP/1.1\r\n: a\r\n\r\n",
    ] {
        is_refused_with_400(&host, request);
    }
    let answer = host
        .client()
        .ask("GET * HTTP/1.1\r\nAccept: text/html\r\nX: \0\r\n\r\n");
    assert_eq!(answer.text(), "refused 400 for text/html");
    assert_eq!(host.probe.calls(), [""; 0]);
}

#[test]
fn too_many_fields_are_refused() {
    let host = Host::start();
    let with = |count: usize| format!("GET / HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(count));
    let mut client = host.client();
    assert_eq!(client.ask(with(100)).status, 200);
    let answer = client.ask(with(101));
    assert_eq!((answer.status, answer.all("x-from")), (431, vec!["service"]));
    assert!(answer.closes());
    assert_eq!(host.client().ask(with(100_000)).status, 431);
}

#[test]
fn too_long_head_is_refused() {
    let host = Host::start();
    let counted = "GET".len() + "/".len() + "A".len() + 4;
    let with = |bytes: usize| format!("GET / HTTP/1.1\r\nA: {}\r\n\r\n", "b".repeat(bytes - counted));
    assert_eq!(host.client().ask(with(16 * 1024)).status, 200);
    assert_eq!(host.client().ask(with(16 * 1024 + 1)).status, 431);
    assert_eq!(host.client().ask(with(1 << 20)).status, 431);
    let long_target = format!(
        "GET /{} HTTP/1.1\r\nAccept: text/html\r\n\r\n",
        "a".repeat(16 * 1024)
    );
    assert_eq!(host.client().ask(long_target).text(), "refused 431 for text/html");
}

#[test]
fn responses_of_tiny_http_itself_name_it() {
    // A documented limit: the service does not see these requests.
    let host = Host::start();
    for request in [
        "GET /a b HTTP/1.1\r\n\r\n",
        "x\r\n\r\n",
        "GET / HTTP/1.1\r\nno colon\r\n\r\n",
    ] {
        let answer = host.client().ask(request);
        assert_eq!(
            (answer.status, answer.all("server")),
            (400, vec!["tiny-http (Rust)"]),
            "{request}"
        );
    }
    assert_eq!(host.send("GET /\u{e9} HTTP/1.1\r\n\r\n").rest(), b"");
    let cookie = "GET / HTTP/1.1\r\nCookie: name=Jos\u{e9}\r\n\r\n";
    assert_eq!(host.send(cookie).rest(), b"");
    // This one gets no response, and others are served.
    let _hangs = host.send("GET / HTTP/2.0\r\n\r\n");
    assert_eq!(host.client().get("/next").status, 200);
}
