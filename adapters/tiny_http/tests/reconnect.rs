//! Bursts of connections, idle connections, and the end of the accept loop.

#![allow(clippy::unwrap_used, reason = "all of this is test code")]

mod common;

use std::fs;
use std::io::Write;
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use common::child::{Server, serve_if_child};
use common::{Host, PATIENCE};
use kunci_tiny_http::{Limits, Listen, ServeError};

/// Sends a request on each of `count` connections, and returns how long all responses took.
fn burst(host: &Host, count: usize) -> Duration {
    let start = Instant::now();
    let mut clients: Vec<_> = (0..count).map(|_| host.client()).collect();
    for client in &mut clients {
        client.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    }
    for client in &mut clients {
        assert_eq!(client.answer().status, 200);
    }
    start.elapsed()
}

#[test]
fn burst_of_connections_is_answered_completely() {
    let folder = tempfile::tempdir().unwrap();
    for listen in [
        Listen::Tcp(([127, 0, 0, 1], 0).into()),
        Listen::Unix(folder.path().join("s")),
    ] {
        let host = Host::on(&listen, Limits::default());
        for count in [8, 64] {
            let time = burst(&host, count);
            assert!(time < Duration::from_secs(10), "{count} on {listen}: {time:?}");
        }
    }
}

#[test]
fn silent_connections_do_not_delay_others() {
    let host = Host::start();
    let _silent: Vec<_> = (0..32).map(|_| host.client()).collect();
    let start = Instant::now();
    for _ in 0..8 {
        assert_eq!(host.client().get("/").status, 200);
    }
    assert!(start.elapsed() < Duration::from_secs(10));
}

#[test]
fn idle_tcp_connection_is_closed() {
    let host = Host::with(Limits {
        idle_time: Duration::ZERO,
        ..Limits::default()
    });
    let mut client = host.client();
    assert_eq!(client.get("/").status, 200);
    let mut unfinished = host.send("GET / HTTP/1.1\r\nHost: ");
    // The shortest idle time is two seconds.
    assert_eq!(client.rest(), b"");
    assert_eq!(unfinished.rest(), b"");
    // The listening socket has the same timeout, which must not end the accept loop.
    assert_eq!(host.client().get("/").status, 200);
}

#[test]
fn missing_socket_file_ends_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kunci.sock");
    let host = Host::on(&Listen::Unix(path.clone()), Limits::default());
    fs::remove_file(&path).unwrap();
    let (sender, receiver) = channel();
    thread::spawn(move || sender.send(host.running.wait()));
    let error = receiver.recv_timeout(PATIENCE).unwrap().unwrap_err();
    assert!(matches!(error, ServeError::Unreachable { .. }), "{error}");
    assert!(error.to_string().contains(&path.display().to_string()), "{error}");
}

#[test]
fn lack_of_descriptors_ends_the_process_with_an_error() {
    serve_if_child(Limits::default());
    let name = "lack_of_descriptors_ends_the_process_with_an_error";
    // With an even and an odd limit, the first or the second descriptor of a connection is missing.
    for limit in [64, 65] {
        let server = Server::start(name, &format!("ulimit -n {limit}"));
        let Listen::Tcp(address) = server.address else {
            panic!("not TCP")
        };
        let mut clients = Vec::new();
        let start = Instant::now();
        while let Ok(client) = std::net::TcpStream::connect(address) {
            assert!(
                start.elapsed() < PATIENCE,
                "{} connections, and no end",
                clients.len()
            );
            clients.push(client);
            if clients.len() >= limit {
                break;
            }
        }
        let (code, errors) = server.end();
        assert_eq!(code, Some(7), "{errors}");
        let text = errors
            .lines()
            .find(|line| line.starts_with("ended: "))
            .unwrap_or_default();
        assert!(text.contains("restart, perhaps with more open files"), "{errors}");
        assert!(
            text.contains("accepts no more") || text.contains("nothing answers"),
            "{errors}"
        );
    }
}

/// Returns the number of threads and of open files of a process.
fn threads_and_descriptors(id: u32) -> (usize, usize) {
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap();
    let threads = status
        .lines()
        .find_map(|line| line.strip_prefix("Threads:"))
        .unwrap();
    let descriptors = fs::read_dir(format!("/proc/{id}/fd")).unwrap().count();
    (threads.trim().parse().unwrap(), descriptors)
}

#[test]
fn reconnecting_leaks_neither_threads_nor_descriptors() {
    serve_if_child(Limits::default());
    let server = Server::start("reconnecting_leaks_neither_threads_nor_descriptors", "true");
    assert_eq!(server.client().get("/").status, 200);
    let mut before = (0, 0);
    // Requests for three seconds cause more than 200 connections of the server to itself.
    let mut waiter = server.client();
    for round in 0..30 {
        if round == 5 {
            before = threads_and_descriptors(server.id());
        }
        waiter.patience(Duration::from_millis(100));
        assert!(waiter.try_answer(false).is_err());
        assert_eq!(server.client().get("/").status, 200);
    }
    let after = threads_and_descriptors(server.id());
    assert!(after.0 <= before.0 + 4, "threads: {before:?} became {after:?}");
    assert!(
        after.1 <= before.1 + 8,
        "descriptors: {before:?} became {after:?}"
    );
}
