//! Stopping a server: requests in flight, idle connections, and the deadline.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail at once")]

mod support;

use std::io::Write;
use std::time::Duration;

use kunci_hyper::Limits;
use support::{TestServer, read_until, read_until_close};

const GET: &[u8] = b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n";

#[test]
fn stop_finishes_requests_and_closes_idle_connections() {
    let mut server = TestServer::start(Limits::default());
    let mut idle = server.connect();
    idle.write_all(GET).unwrap();
    read_until(&mut idle, "GET /a 0");
    let mut silent = server.connect();
    let mut busy = server.connect();
    busy.write_all(b"GET /wait HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    server.latch.wait_for_requests(1);
    server.running.as_ref().unwrap().stop_handle().stop();
    assert_eq!(read_until_close(&mut idle), "");
    assert_eq!(read_until_close(&mut silent), "");
    server.latch.open();
    assert!(read_until_close(&mut busy).ends_with("waited"));
    server.stop();
    assert!(std::net::TcpStream::connect(server.address()).is_err());
}

#[test]
fn stop_waits_only_until_its_deadline() {
    let mut server = TestServer::start(Limits {
        stop_time: Duration::from_millis(200),
        ..Limits::default()
    });
    let mut busy = server.connect();
    busy.write_all(b"GET /wait HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    server.latch.wait_for_requests(1);
    server.stop();
    assert_eq!(read_until_close(&mut busy), "");
    server.latch.open();
}
