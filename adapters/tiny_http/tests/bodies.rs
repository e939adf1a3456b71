//! Bodies: within the limit, beyond it, in pieces, broken off, late.
//! Leaves out lengths that contradict each other and lengths that nobody could allocate.

mod common;

use std::io::Write;
use std::time::Duration;

use common::Host;
use common::client::Client;
use kunci_tiny_http::{Limits, Listen};

const LIMIT: usize = 64 * 1024;

fn sized(length: usize) -> String {
    format!(
        "POST /echo HTTP/1.1\r\nContent-Length: {length}\r\n\r\n{}",
        "x".repeat(length)
    )
}

/// The same body in chunks of a thousand bytes.
fn chunked(length: usize) -> String {
    let mut request = "POST /echo HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\n".to_owned();
    let body = "x".repeat(length);
    for chunk in body.as_bytes().chunks(1000) {
        let text = String::from_utf8_lossy(chunk);
        request.push_str(&format!("{:x};ext=1\r\n{text}\r\n", chunk.len()));
    }
    request + "0\r\n\r\n"
}

#[test]
fn a_body_within_the_limit_reaches_the_service_whole() {
    let host = Host::start();
    let mut client = host.client();
    for length in [0, 1, 1024, 1025, LIMIT] {
        for request in [sized(length), chunked(length)] {
            let answer = client.ask(request);
            assert_eq!((answer.status, answer.body.len()), (200, length));
        }
    }
}

#[test]
fn a_body_beyond_the_limit_is_refused_and_the_connection_stays() {
    let host = Host::start();
    let mut client = host.client();
    for length in [LIMIT + 1, 1 << 20] {
        for request in [sized(length), chunked(length)] {
            let answer = client.ask(request);
            assert_eq!((answer.status, answer.all("x-from")), (413, vec!["service"]));
            assert!(!answer.closes());
        }
    }
    assert_eq!(client.get("/next").status, 200);
    assert_eq!(host.probe.calls(), ["/next"]);
}

#[test]
fn a_smaller_limit_holds_for_small_bodies_too() {
    let host = Host::with(Limits {
        body: 10,
        ..Limits::default()
    });
    let mut client = host.client();
    for (length, status) in [(10, 200), (11, 413), (1024, 413)] {
        assert_eq!(client.ask(sized(length)).status, status);
        assert_eq!(client.ask(chunked(length)).status, status);
    }
}

#[test]
fn far_beyond_the_limit_the_answer_does_not_wait_for_the_body() {
    let host = Host::start();
    let endless = format!(
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n",
        1_u64 << 40
    );
    for head in ["POST / HTTP/1.1\r\nContent-Length: 2000000\r\n\r\n", &endless] {
        let mut client = host.client();
        client.write_all(head.as_bytes()).unwrap();
        client.write_all(&vec![b'x'; 1_100_000]).unwrap();
        let answer = client.answer();
        assert_eq!((answer.status, answer.text()), (413, "refused 413 for -"));
        assert!(answer.closes());
        // Nothing names the library, though it wrote this head.
        assert_eq!(answer.all("server"), ["kunci"]);
        client.finish();
        assert_eq!(client.rest(), b"");
    }
    assert_eq!(host.probe.calls(), [""; 0]);
}

#[test]
fn a_client_that_waits_to_continue_is_told() {
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
fn a_body_that_breaks_off_never_reaches_the_service() {
    let host = Host::start();
    for request in [
        "Content-Length: 2000\r\n\r\nabc",
        "Expect: 100-continue\r\nContent-Length: 20\r\n\r\nabc",
        "Transfer-Encoding: chunked\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
        "Transfer-Encoding: chunked\r\n\r\n6\r\nabc",
        "Transfer-Encoding: chunked\r\n\r\nfffff\r\nabc",
        "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n",
    ] {
        let mut client = host.send(format!("POST /echo HTTP/1.1\r\n{request}"));
        client.finish();
        let rest = String::from_utf8(client.rest()).unwrap();
        assert!(
            rest.contains("HTTP/1.1 400 Bad Request\r\n"),
            "{request:?}: {rest}"
        );
        assert_eq!(
            rest.matches("\r\n\r\n").count(),
            1 + rest.matches(" 100 ").count(),
            "{rest}"
        );
    }
    // tiny_http reads small bodies itself, and does not answer at all when they break off.
    let mut client = host.send("POST /echo HTTP/1.1\r\nContent-Length: 20\r\n\r\nabc");
    client.finish();
    assert_eq!(client.rest(), b"");
    assert_eq!(host.probe.calls(), [""; 0]);
}

#[test]
fn a_chunked_body_from_a_client_that_is_gone_is_refused() {
    // It cannot be told from one that broke off, so the safe reading is taken.
    let host = Host::start();
    let mut client = host.send(chunked(3));
    client.finish();
    let rest = client.rest();
    assert!(rest.starts_with(b"HTTP/1.1 400 ") || rest.starts_with(b"HTTP/1.1 200 "));
    assert_eq!(
        rest.starts_with(b"HTTP/1.1 200 "),
        host.probe.calls() == ["/echo"]
    );
}

#[track_caller]
fn is_refused_as_late(client: &mut Client) {
    let answer = client.answer();
    assert_eq!((answer.status, answer.all("x-from")), (408, vec!["service"]));
    assert!(answer.closes());
}

const SMUGGLED: &[u8] = b"GET /smuggled HTTP/1.1\r\n\r\n";

#[test]
fn what_comes_after_a_late_body_is_no_request_however_many_deadlines_pass() {
    let host = Host::with(Limits {
        idle_time: Duration::from_secs(2),
        ..Limits::default()
    });
    let mut client = host.send("POST /echo HTTP/1.1\r\nContent-Length: 2000\r\n\r\nabc");
    is_refused_as_late(&mut client);
    client.patience(Duration::from_millis(4500));
    assert!(client.try_answer(false).is_err());
    client.write_all(SMUGGLED).unwrap();
    client.patience(common::PATIENCE);
    client.finish();
    client.ends_without_an_answer();
    assert_eq!(host.probe.calls(), [""; 0]);
}

#[test]
fn what_comes_after_a_late_chunk_is_not_read_as_its_length() {
    let host = Host::with(Limits {
        idle_time: Duration::from_secs(2),
        ..Limits::default()
    });
    // The line of the second chunk's length breaks off, and goes on as `20`, not as `0`.
    let chunks = "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2";
    let mut client = host.send(format!("POST /echo HTTP/1.1\r\n{chunks}"));
    is_refused_as_late(&mut client);
    client.write_all(b"0\r\n\r\n").unwrap();
    client.write_all(SMUGGLED).unwrap();
    client.patience(Duration::from_millis(500));
    assert!(client.try_answer(false).is_err());
    assert_eq!(host.probe.calls(), [""; 0]);
}

#[test]
fn a_body_that_trickles_in_has_a_deadline_too() {
    let host = Host::with(Limits {
        body_time: Duration::ZERO,
        ..Limits::default()
    });
    let mut client = host.send("POST /echo HTTP/1.1\r\nContent-Length: 2000\r\n\r\nabc");
    assert_eq!(client.answer().status, 408);
}

#[test]
fn an_upgrade_takes_its_body_along() {
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
    assert_eq!(client.rest(), b"");
}

#[test]
fn a_unix_socket_takes_sized_bodies_only() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::on(&Listen::Unix(folder.path().join("s")), Limits::default());
    let mut client = host.client();
    assert_eq!(client.ask(sized(LIMIT)).body.len(), LIMIT);
    assert_eq!(client.ask(sized(LIMIT + 1)).status, 413);
    let answer = client.ask(chunked(3));
    assert_eq!((answer.status, answer.all("x-from")), (411, vec!["service"]));
    assert!(answer.closes());
}
