//! Bodies: within the limit, beyond it, chunked, broken off, late.

mod common;

use std::io::Write;
use std::time::Duration;

use common::Host;
use kunci_tiny_http::{Limits, Listen};

const LIMIT: usize = 64 * 1024;

fn sized(length: usize) -> String {
    format!(
        "POST /echo HTTP/1.1\r\nContent-Length: {length}\r\n\r\n{}",
        "x".repeat(length)
    )
}

#[test]
fn body_within_the_limit_is_complete() {
    let host = Host::start();
    let mut client = host.client();
    for length in [0, 1, 1024, 1025, LIMIT] {
        let answer = client.ask(sized(length));
        assert_eq!((answer.status, answer.body.len()), (200, length));
        assert!(!answer.closes());
    }
}

#[test]
fn body_beyond_the_limit_is_refused_and_the_connection_closed() {
    let host = Host::start();
    for length in [LIMIT + 1, 1_000_000] {
        let mut client = host.client();
        let answer = client.ask(sized(length));
        assert_eq!((answer.status, answer.text()), (413, "refused 413 for -"));
        assert!(answer.closes());
        // The library does not name itself, although it wrote this head.
        assert_eq!(answer.all("server"), ["kunci"]);
        assert_eq!(client.rest(), b"");
    }
    assert_eq!(host.probe.calls(), [""; 0]);
}

#[test]
fn smaller_limit_applies_to_small_bodies() {
    let host = Host::with(Limits {
        body: 10,
        ..Limits::default()
    });
    for (length, status) in [(10, 200), (11, 413), (1024, 413)] {
        assert_eq!(host.client().ask(sized(length)).status, status);
    }
}

#[test]
fn refusal_does_not_wait_for_the_body() {
    let host = Host::start();
    let mut client = host.send("POST / HTTP/1.1\r\nContent-Length: 2000000\r\n\r\n");
    assert_eq!(client.answer().status, 413);
    assert_eq!(client.rest(), b"");
}

#[test]
fn chunked_body_is_refused_and_the_connection_closed() {
    let host = Host::start();
    for chunks in [
        "",
        "3\r\nabc\r\n0\r\n\r\n",
        "3\r\nabc\r\n2",
        "x\r\nabc\r\n",
        "10000000000\r\nabc",
    ] {
        let head = "POST /echo HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\n";
        let mut client = host.send(format!("{head}{chunks}"));
        let answer = client.answer();
        assert_eq!((answer.status, answer.all("x-from")), (411, vec!["service"]));
        assert!(answer.closes());
        client.finish();
        assert_eq!(client.rest(), b"", "{chunks:?}");
    }
    assert_eq!(host.probe.calls(), [""; 0]);
}

#[test]
fn client_that_expects_100_continue_gets_it() {
    let host = Host::start();
    let expecting =
        |length| format!("POST /echo HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: {length}\r\n\r\n");
    let mut client = host.client();
    for length in [3, 2000] {
        assert_eq!(client.ask(expecting(length)).status, 100);
        assert_eq!(client.ask("y".repeat(length)).body.len(), length);
    }
    assert_eq!(client.ask(expecting(0)).status, 200);
    let answer = client.ask(expecting(LIMIT + 1));
    assert_eq!(answer.status, 413);
    assert!(answer.closes());
}

#[test]
fn body_that_breaks_off_never_reaches_the_service() {
    let host = Host::start();
    for request in [
        "Content-Length: 2000\r\n\r\nabc",
        "Expect: 100-continue\r\nContent-Length: 20\r\n\r\nabc",
    ] {
        let mut client = host.send(format!("POST /echo HTTP/1.1\r\n{request}"));
        client.finish();
        let rest = String::from_utf8(client.rest()).unwrap();
        assert!(
            rest.contains("HTTP/1.1 400 Bad Request\r\n"),
            "{request:?}: {rest}"
        );
        let heads = 1 + rest.matches(" 100 ").count();
        assert_eq!(rest.matches("\r\n\r\n").count(), heads, "{rest}");
    }
    // tiny_http reads small bodies itself, and does not answer if they break off.
    let mut client = host.send("POST /echo HTTP/1.1\r\nContent-Length: 20\r\n\r\nabc");
    client.finish();
    assert_eq!(client.rest(), b"");
    assert_eq!(host.probe.calls(), [""; 0]);
}

#[test]
fn rest_of_a_late_body_is_not_taken_for_a_request() {
    let host = Host::with(Limits {
        idle_time: Duration::from_secs(2),
        ..Limits::default()
    });
    let mut client = host.send("POST /echo HTTP/1.1\r\nContent-Length: 2000\r\n\r\nabc");
    let answer = client.answer();
    assert_eq!((answer.status, answer.all("x-from")), (408, vec!["service"]));
    assert!(answer.closes());
    // The connection may be reset already.
    let _ = client.write_all(b"GET /smuggled HTTP/1.1\r\n\r\n");
    assert_eq!(client.rest(), b"");
    assert_eq!(host.client().get("/next").status, 200);
    assert_eq!(host.probe.calls(), ["/next"]);
}

#[test]
fn slow_body_is_refused_at_the_deadline() {
    let host = Host::with(Limits {
        body_time: Duration::ZERO,
        ..Limits::default()
    });
    let mut client = host.send("POST /echo HTTP/1.1\r\nContent-Length: 2000\r\n\r\nabc");
    assert_eq!(client.answer().status, 408);
    assert_eq!(client.rest(), b"");
}

#[test]
fn upgrade_may_have_a_body() {
    let host = Host::start();
    let head = "POST /echo HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: x\r\n";
    let mut client = host.send(format!("{head}Content-Length: 5\r\n\r\nabcdefgh"));
    assert_eq!(client.answer().text(), "abcde");
    assert_eq!(client.rest(), b"");
    let mut client = host.send(format!("{head}Content-Length: 99999999999999\r\n\r\nabcdefgh"));
    assert_eq!(client.answer().status, 413);
    assert_eq!(client.rest(), b"");
    let mut client = host.send(format!("{head}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"));
    assert_eq!(client.answer().status, 400);
    client.finish();
    client.ends_without_an_answer();
}

#[test]
fn unix_socket_has_the_same_limits() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::on(&Listen::Unix(folder.path().join("s")), Limits::default());
    assert_eq!(host.client().ask(sized(LIMIT)).body.len(), LIMIT);
    let chunked = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    for (request, status) in [(sized(LIMIT + 1), 413), (chunked.to_owned(), 411)] {
        let mut client = host.send(request);
        let answer = client.answer();
        assert_eq!((answer.status, answer.closes()), (status, true));
        client.finish();
        assert_eq!(client.rest(), b"");
    }
}
