//! Connections over HTTP/1: responses, refusals, deadlines and limits.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail at once")]

mod support;

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use kunci_hyper::{Limits, Listen};
use support::{Site, any_port, rest, until};

const GET: &[u8] = b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n";

fn quick() -> Limits {
    Limits {
        head_time: Duration::from_millis(200),
        body_time: Duration::from_millis(200),
        request_time: Duration::from_millis(600),
        idle_time: Duration::from_millis(400),
        ..Limits::default()
    }
}

#[track_caller]
fn check(site: &Site, request: &str, status: &str, body: &str) {
    let answer = site.talk(request.as_bytes());
    assert!(answer.get(9..12) == Some(status), "{request:?}: {answer}");
    assert!(answer.ends_with(body), "{request:?}: {answer}");
}

#[test]
fn requests_of_every_form_are_answered() {
    let site = Site::start(Limits::default());
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
        check(&site, &request, status, body);
    }
    let head = site.talk(format!("HEAD /abc HTTP/1.1\r\n{close}\r\n").as_bytes());
    assert!(head.contains("content-length: 11\r\n"), "{head}");
}

#[test]
fn connection_is_reused_and_pipelines_in_order() {
    let site = Site::start(Limits::default());
    let mut stream = site.connect();
    for _ in 0..3 {
        stream.write_all(GET).unwrap();
        until(&mut stream, "GET /a 0");
    }
    let mut many = Vec::new();
    for number in 0..50 {
        many.extend(
            format!("POST /{number} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nxx").into_bytes(),
        );
    }
    stream.write_all(&many).unwrap();
    for number in 0..50 {
        until(&mut stream, &format!("POST /{number} 2"));
    }
}

#[test]
fn requests_may_arrive_in_any_pieces() {
    let site = Site::start(Limits::default());
    let request = b"POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    for split in 1..request.len() {
        let mut stream = site.connect();
        stream.set_nodelay(true).unwrap();
        stream.write_all(&request[..split]).unwrap();
        stream.write_all(&request[split..]).unwrap();
        let answer = rest(&mut stream);
        assert!(answer.ends_with("POST /a 3"), "split at {split}: {answer}");
    }
}

#[test]
fn refused_request_closes_its_connection() {
    let site = Site::start(Limits::default());
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
        let answer = site.talk(format!("{request}{smuggled}").as_bytes());
        let shown: String = request.chars().take(60).collect();
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{shown:?}: {answer}"
        );
        assert!(
            answer.ends_with(&format!("refused with {status}")),
            "{shown:?}: {answer}"
        );
        assert!(answer.contains("connection: close\r\n"), "{shown:?}: {answer}");
        assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{shown:?}: {answer}");
    }
}

#[test]
fn client_can_read_the_refusal_of_a_long_body() {
    let site = Site::start(Limits::default());
    for length in [65_536, 65_537, 200_000] {
        let body = "a".repeat(length);
        let request = format!(
            "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        let answer = site.talk(request.as_bytes());
        let want = if length == 65_536 {
            "HTTP/1.1 200"
        } else {
            "HTTP/1.1 413"
        };
        assert!(answer.starts_with(want), "{length}: {answer}");
    }
}

#[test]
fn every_wait_has_a_deadline() {
    let site = Site::start(quick());
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
        let answer = site.talk(sent.as_bytes());
        assert!(answer.ends_with(want), "{sent:?}: {answer}");
        assert!(
            began.elapsed() >= Duration::from_millis(190),
            "{sent:?} was given no time"
        );
    }
    site.latch.open();
}

#[test]
fn client_that_reads_no_responses_is_dropped() {
    let site = Site::start(quick());
    let mut stream = site.connect();
    stream.set_write_timeout(Some(support::PATIENCE)).unwrap();
    // Sends more than all buffers can hold, until the server drops the connection.
    let ended = (0..1_000_000).find_map(|_| stream.write_all(GET).err());
    assert!(ended.is_some_and(|error| error.kind() != std::io::ErrorKind::WouldBlock));
}

#[test]
fn half_closed_connection_is_answered() {
    let site = Site::start(Limits::default());
    let mut stream = site.connect();
    stream.write_all(GET).unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    assert!(rest(&mut stream).ends_with("GET /a 0"));
    let mut broken = site.connect();
    broken
        .write_all(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nab")
        .unwrap();
    broken.shutdown(std::net::Shutdown::Write).unwrap();
    assert!(rest(&mut broken).ends_with("refused with 400"));
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
        let site = Site::start(limits);
        let mut first: Vec<_> = (0..2).map(|_| site.connect()).collect();
        for stream in &mut first {
            stream.write_all(GET).unwrap();
            until(stream, "GET /a 0");
        }
        let told = rest(&mut site.connect());
        assert!(
            told.starts_with("HTTP/1.1 503 ") && told.ends_with("refused with 503"),
            "{told}"
        );
        first[0].write_all(GET).unwrap();
        until(&mut first[0], "GET /a 0");
        drop(first.pop());
        // The server notices the closed connection asynchronously.
        while !{
            let mut again = site.connect();
            let _ = again.write_all(GET);
            let mut start = [0; 12];
            again.read_exact(&mut start).is_ok() && start.ends_with(b"200")
        } {}
    }
}

#[test]
fn slow_requests_are_bounded_and_do_not_delay_quick_ones() {
    let site = Site::start(Limits {
        slow_workers: 1,
        slow_queue: 1,
        ..Limits::default()
    });
    let (tell, told) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..3 {
            let (tell, mut stream) = (tell.clone(), site.connect());
            stream
                .write_all(b"GET /wait HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                .unwrap();
            scope.spawn(move || tell.send(rest(&mut stream)).unwrap());
        }
        // One is in progress, one waits, and the last one is refused at once.
        let first = told.recv().unwrap();
        assert!(first.ends_with("refused with 503"), "{first}");
        check(
            &site,
            "GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            "200",
            "GET /a 0",
        );
        site.latch.open();
    });
    let rest: Vec<String> = told.try_iter().collect();
    assert!(
        rest.len() == 2 && rest.iter().all(|answer| answer.ends_with("waited")),
        "{rest:?}"
    );
}

#[test]
fn several_addresses_and_unix_sockets_are_served() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("k.sock");
    let listen = [any_port(), any_port(), Listen::Unix(path.clone())];
    let mut site = Site::start_at(&listen, Limits::default(), None);
    assert_eq!(site.addresses[2], format!("unix:{}", path.display()));
    for address in &site.addresses[..2] {
        let (_, address) = address.split_once("//").unwrap();
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        stream.write_all(GET).unwrap();
        until(&mut stream, "GET /a 0");
    }
    let mut stream = UnixStream::connect(&path).unwrap();
    stream
        .write_all(b"GET /peer HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        .unwrap();
    assert!(rest(&mut stream).ends_with("None"));
    site.stop();
    assert!(!path.exists());
}

#[test]
fn stop_finishes_requests_and_closes_idle_connections() {
    let mut site = Site::start(Limits::default());
    let mut idle = site.connect();
    idle.write_all(GET).unwrap();
    until(&mut idle, "GET /a 0");
    let mut silent = site.connect();
    let mut busy = site.connect();
    busy.write_all(b"GET /wait HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    site.latch.until_waiting(1);
    site.running.as_ref().unwrap().stop_handle().stop();
    assert_eq!(rest(&mut idle), "");
    assert_eq!(rest(&mut silent), "");
    site.latch.open();
    assert!(rest(&mut busy).ends_with("waited"));
    site.stop();
    assert!(std::net::TcpStream::connect(site.address()).is_err());
}

#[test]
fn stop_waits_only_until_its_deadline() {
    let mut site = Site::start(Limits {
        stop_time: Duration::from_millis(200),
        ..Limits::default()
    });
    let mut busy = site.connect();
    busy.write_all(b"GET /wait HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    site.latch.until_waiting(1);
    site.stop();
    assert_eq!(rest(&mut busy), "");
    site.latch.open();
}
