//! Connections over HTTP/1: responses, refusals, deadlines and limits.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail at once")]

mod support;

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use kunci_hyper::{Limits, Listen};
use support::{TestServer, any_port, read_until, read_until_close};

const GET: &[u8] = b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n";

fn short_deadlines() -> Limits {
    Limits {
        head_time: Duration::from_millis(200),
        body_time: Duration::from_millis(200),
        request_time: Duration::from_millis(600),
        idle_time: Duration::from_millis(400),
        ..Limits::default()
    }
}

#[track_caller]
fn check(server: &TestServer, request: &str, status: &str, body: &str) {
    let response = server.send(request.as_bytes());
    assert!(response.get(9..12) == Some(status), "{request:?}: {response}");
    assert!(response.ends_with(body), "{request:?}: {response}");
}

#[test]
fn valid_requests_are_answered() {
    let server = TestServer::start(Limits::default());
    let close = "Host: x\r\nConnection: close\r\n";
    for (request, status, body) in [
        (format!("GET /a?b HTTP/1.1\r\n{close}\r\n"), "200", "GET /a 0"),
        ("GET /a HTTP/1.0\r\n\r\n".to_owned(), "200", "GET /a 0"),
        (
            format!("POST /a HTTP/1.1\r\n{close}Content-Length: 3\r\n\r\nabc"),
            "200",
            "POST /a 3",
        ),
        (
            format!(
                "POST /a HTTP/1.1\r\n{close}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n10\r\n0123456789abcdef\r\n0\r\n\r\n"
            ),
            "200",
            "POST /a 19",
        ),
        (format!("HEAD /abc HTTP/1.1\r\n{close}\r\n"), "200", "\r\n\r\n"),
        (
            format!("\r\n\r\nGET /a HTTP/1.1\r\n{close}\r\n"),
            "200",
            "GET /a 0",
        ),
        (
            format!("GET /panic HTTP/1.1\r\n{close}\r\n"),
            "500",
            "refused with 500",
        ),
        (
            format!("GET /peer HTTP/1.1\r\n{close}\r\n"),
            "200",
            "Some(127.0.0.1)",
        ),
    ] {
        check(&server, &request, status, body);
    }
    let head = server.send(format!("HEAD /abc HTTP/1.1\r\n{close}\r\n").as_bytes());
    assert!(head.contains("content-length: 11\r\n"), "{head}");
}

#[test]
fn reused_connection_answers_pipelines_in_order() {
    let server = TestServer::start(Limits::default());
    let mut stream = server.connect();
    for _ in 0..3 {
        stream.write_all(GET).unwrap();
        read_until(&mut stream, "GET /a 0");
    }
    let mut pipeline = Vec::new();
    for number in 0..50 {
        pipeline.extend(
            format!("POST /{number} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nxx").into_bytes(),
        );
    }
    stream.write_all(&pipeline).unwrap();
    for number in 0..50 {
        read_until(&mut stream, &format!("POST /{number} 2"));
    }
}

#[test]
fn request_split_anywhere_is_answered() {
    let server = TestServer::start(Limits::default());
    let request = b"POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    for split in 1..request.len() {
        let mut stream = server.connect();
        stream.set_nodelay(true).unwrap();
        stream.write_all(&request[..split]).unwrap();
        stream.write_all(&request[split..]).unwrap();
        let response = read_until_close(&mut stream);
        assert!(response.ends_with("POST /a 3"), "split at {split}: {response}");
    }
}

#[test]
fn refused_request_closes_its_connection() {
    let server = TestServer::start(Limits::default());
    let smuggled = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";
    for (request, status) in [
        (
            "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n".to_owned(),
            400,
        ),
        ("GET / HTTP/1.1\nHost: x\n\n\r\n\r\n".to_owned(), 400),
        ("GET / HTTP/2.0\r\nHost: x\r\n\r\n".to_owned(), 400),
        (
            format!(
                "GET / HTTP/1.1\r\nHost: x\r\nA: {}\r\n\r\n",
                "a".repeat(16 * 1024)
            ),
            431,
        ),
        (
            format!("GET / HTTP/1.1\r\nHost: x\r\n{}\r\n", "A: b\r\n".repeat(100)),
            431,
        ),
        (
            "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999\r\n\r\n".to_owned(),
            413,
        ),
        (
            "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 65537\r\nExpect: 100-continue\r\n\r\n".to_owned(),
            413,
        ),
        (
            "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\n\r\n"
                .to_owned(),
            400,
        ),
        (
            "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nfffffffff\r\n".to_owned(),
            400,
        ),
    ] {
        let response = server.send(format!("{request}{smuggled}").as_bytes());
        let shown: String = request.chars().take(60).collect();
        assert!(
            response.starts_with(&format!("HTTP/1.1 {status} ")),
            "{shown:?}: {response}"
        );
        assert!(
            response.ends_with(&format!("refused with {status}")),
            "{shown:?}: {response}"
        );
        assert!(
            response.contains("connection: close\r\n"),
            "{shown:?}: {response}"
        );
        assert_eq!(response.matches("HTTP/1.1").count(), 1, "{shown:?}: {response}");
    }
}

#[test]
fn client_can_read_the_refusal_of_a_long_body() {
    let server = TestServer::start(Limits::default());
    for length in [65_536, 65_537, 200_000] {
        let body = "a".repeat(length);
        let request = format!(
            "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        let response = server.send(request.as_bytes());
        let want = if length == 65_536 {
            "HTTP/1.1 200"
        } else {
            "HTTP/1.1 413"
        };
        assert!(response.starts_with(want), "{length}: {response}");
    }
}

#[test]
fn every_wait_has_a_deadline() {
    let server = TestServer::start(short_deadlines());
    for (sent, want) in [
        ("GET / HTTP/1.1\r\nHo", "refused with 408"),
        (
            "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab",
            "refused with 408",
        ),
        (
            "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\na",
            "refused with 408",
        ),
        ("", ""),
        ("GET /a HTTP/1.1\r\nHost: x\r\n\r\n", "GET /a 0"),
        ("GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HT", "refused with 408"),
        ("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n", ""),
    ] {
        let began = Instant::now();
        let response = server.send(sent.as_bytes());
        assert!(response.ends_with(want), "{sent:?}: {response}");
        assert!(
            began.elapsed() >= Duration::from_millis(190),
            "{sent:?} ended before its deadline"
        );
    }
    server.latch.open();
}

#[test]
fn client_that_reads_no_responses_is_dropped() {
    let server = TestServer::start(short_deadlines());
    let mut stream = server.connect();
    stream.set_write_timeout(Some(support::TEST_TIMEOUT)).unwrap();
    // Sends more than all buffers can hold, until the server drops the connection.
    let ended = (0..1_000_000).find_map(|_| stream.write_all(GET).err());
    assert!(ended.is_some_and(|error| error.kind() != std::io::ErrorKind::WouldBlock));
}

#[test]
fn half_closed_connection_is_answered() {
    let server = TestServer::start(Limits::default());
    let mut stream = server.connect();
    stream.write_all(GET).unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    assert!(read_until_close(&mut stream).ends_with("GET /a 0"));
    let mut incomplete = server.connect();
    incomplete
        .write_all(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nab")
        .unwrap();
    incomplete.shutdown(std::net::Shutdown::Write).unwrap();
    assert!(read_until_close(&mut incomplete).ends_with("refused with 400"));
}

#[test]
fn excess_connections_are_refused_until_some_close() {
    for limits in [
        Limits {
            connections: 2,
            ..Limits::default()
        },
        Limits {
            connections_per_address: 2,
            ..Limits::default()
        },
    ] {
        let server = TestServer::start(limits);
        let mut first: Vec<_> = (0..2).map(|_| server.connect()).collect();
        for stream in &mut first {
            stream.write_all(GET).unwrap();
            read_until(stream, "GET /a 0");
        }
        let refusal = read_until_close(&mut server.connect());
        assert!(
            refusal.starts_with("HTTP/1.1 503 ") && refusal.ends_with("refused with 503"),
            "{refusal}"
        );
        first[0].write_all(GET).unwrap();
        read_until(&mut first[0], "GET /a 0");
        drop(first.pop());
        // The server notices the closed connection asynchronously.
        while !{
            let mut retry = server.connect();
            let _ = retry.write_all(GET);
            let mut start = [0; 12];
            retry.read_exact(&mut start).is_ok() && start.ends_with(b"200")
        } {}
    }
}

#[test]
fn slow_requests_are_bounded_and_do_not_delay_quick_ones() {
    let server = TestServer::start(Limits {
        slow_workers: 1,
        slow_queue: 1,
        ..Limits::default()
    });
    let (sender, responses) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..3 {
            let (sender, mut stream) = (sender.clone(), server.connect());
            stream
                .write_all(b"GET /wait HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                .unwrap();
            scope.spawn(move || sender.send(read_until_close(&mut stream)).unwrap());
        }
        // One is in progress, one waits, and the last one is refused at once.
        let first = responses.recv().unwrap();
        assert!(first.ends_with("refused with 503"), "{first}");
        check(
            &server,
            "GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            "200",
            "GET /a 0",
        );
        server.latch.open();
    });
    let rest: Vec<String> = responses.try_iter().collect();
    assert!(
        rest.len() == 2 && rest.iter().all(|response| response.ends_with("waited")),
        "{rest:?}"
    );
}

#[test]
fn several_addresses_and_unix_sockets_are_served() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("k.sock");
    let listen = [any_port(), any_port(), Listen::Unix(path.clone())];
    let mut server = TestServer::start_at(&listen, Limits::default(), None);
    assert_eq!(server.addresses[2], format!("unix:{}", path.display()));
    for address in &server.addresses[..2] {
        let (_, address) = address.split_once("//").unwrap();
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        stream.write_all(GET).unwrap();
        read_until(&mut stream, "GET /a 0");
    }
    let mut stream = UnixStream::connect(&path).unwrap();
    stream
        .write_all(b"GET /peer HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        .unwrap();
    assert!(read_until_close(&mut stream).ends_with("None"));
    server.stop();
    assert!(!path.exists());
}
