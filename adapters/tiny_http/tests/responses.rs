//! The form of responses: lengths, bodies, connections.

mod common;

use std::io::Write;

use common::Host;

#[test]
fn responses_have_their_length_and_keep_the_connection() {
    let host = Host::start();
    let mut client = host.client();
    for path in ["/a", "/b", "/big", "/c"] {
        let answer = client.get(path);
        assert_eq!(answer.status, 200);
        assert!(!answer.closes());
        assert_eq!(answer.all("date").len(), 1);
        if path != "/big" {
            assert_eq!(answer.text(), format!("{path}\n"));
        } else {
            assert_eq!(answer.body, vec![b'x'; 1 << 20]);
        }
    }
    assert_eq!(host.probe.calls(), ["/a", "/b", "/big", "/c"]);
}

#[test]
fn head_has_the_length_of_get_and_no_body() {
    let host = Host::start();
    let mut client = host.client();
    client.write_all(b"HEAD /page HTTP/1.1\r\n\r\n").unwrap();
    assert_eq!(client.answer_to_head().all("content-length"), ["6"]);
    client.write_all(b"HEAD /length-of-42 HTTP/1.1\r\n\r\n").unwrap();
    assert_eq!(client.answer_to_head().all("content-length"), ["42"]);
    // A body would come before this response.
    assert_eq!(client.get("/next").text(), "/next\n");
    assert_eq!(client.get("/length-of-42").all("content-length"), ["0"]);
}

#[test]
fn some_statuses_have_neither_body_nor_length() {
    let host = Host::start();
    let mut client = host.client();
    for (path, status) in [("/no-content", 204), ("/not-modified", 304)] {
        let answer = client.get(path);
        assert_eq!(answer.status, status);
        assert!(answer.all("content-length").is_empty());
    }
    assert_eq!(client.get("/next").text(), "/next\n");
}

#[test]
fn service_sets_server_and_date_but_not_framing() {
    let host = Host::start();
    let mut client = host.client();
    assert!(client.get("/plain").all("server").is_empty());
    let answer = client.get("/fields");
    assert_eq!(answer.all("server"), ["kunci"]);
    assert_eq!(answer.all("date"), ["Wed, 04 May 1983 11:17:00 GMT"]);
    assert_eq!(answer.all("set-cookie"), ["a=1"]);
    assert_eq!(answer.all("content-length"), ["6"]);
    assert!(answer.all("connection").is_empty());
    assert!(answer.all("keep-alive").is_empty());
    assert_eq!(answer.text(), "fields");
}

#[test]
fn interim_status_is_replaced_by_500() {
    let host = Host::start();
    let mut client = host.client();
    assert_eq!(client.get("/interim").status, 500);
    assert_eq!(client.get("/next").status, 200);
}

#[test]
fn connection_closes_when_the_client_asks_for_it() {
    let host = Host::start();
    for request in [
        "GET / HTTP/1.1\r\nConnection: close\r\n\r\n",
        "GET / HTTP/1.1\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n",
        "GET / HTTP/1.0\r\nConnection: x\r\n\r\n",
    ] {
        let mut client = host.client();
        let answer = client.ask(request);
        assert_eq!((answer.status, answer.text()), (200, "/\n"), "{request}");
        assert!(answer.closes(), "{request}");
        assert_eq!(client.rest(), b"", "{request}");
    }
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let host = Host::start();
    let paths: Vec<String> = (0..200).map(|n| format!("/{n}")).collect();
    let requests: String = paths
        .iter()
        .map(|path| format!("GET {path} HTTP/1.1\r\n\r\n"))
        .collect();
    let mut client = host.send(requests);
    for path in paths {
        assert_eq!(client.answer().text(), format!("{path}\n"));
    }
}

#[test]
fn requests_behind_a_slow_one_are_answered_in_order() {
    let host = Host::start();
    let mut client = host.send(
        "GET /slow1 HTTP/1.1\r\n\r\n\
         POST /echo HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc\
         GET /slow2 HTTP/1.1\r\n\r\n\
         GET /last HTTP/1.1\r\n\r\n",
    );
    host.probe.wait_entered(1);
    host.probe.open_gate();
    for text in ["/slow1", "abc", "/slow2", "/last\n"] {
        assert_eq!(client.answer().text(), text);
    }
    assert_eq!(client.get("/more").text(), "/more\n");
}
