//! The addresses `0.0.0.0` and `[::]`: which connections each accepts.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail at once")]

mod support;

use std::io::{ErrorKind, Write};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};

use kunci_hyper::{Limits, Listen};
use support::{TestServer, read_until_close};

const GET: &[u8] = b"GET /peer HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

fn response(address: SocketAddr) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(GET).unwrap();
    read_until_close(&mut stream)
}

/// If `[::]` accepted IPv4, too, it could not be bound beside another listener on the same port.
#[test]
fn ipv6_wildcard_leaves_ipv4_to_others() {
    let other = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    other.set_nonblocking(true).unwrap();
    let port = other.local_addr().unwrap().port();
    let ipv6 = Listen::Tcp((Ipv6Addr::UNSPECIFIED, port).into());
    let _server = TestServer::start_at(&[ipv6], Limits::default(), None);

    assert!(response((Ipv6Addr::LOCALHOST, port).into()).ends_with("Some(::1)"));
    assert_eq!(other.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
    let _client = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
    assert!(other.accept().is_ok(), "the server took the IPv4 connection");
}

#[test]
fn both_wildcards_serve_both_protocols_on_one_port() {
    let ipv4 = TestServer::start_at(
        &[Listen::Tcp((Ipv4Addr::UNSPECIFIED, 0).into())],
        Limits::default(),
        None,
    );
    let port = ipv4.address().port();
    let ipv6 = Listen::Tcp((Ipv6Addr::UNSPECIFIED, port).into());
    let _ipv6 = TestServer::start_at(&[ipv6], Limits::default(), None);
    assert!(response((Ipv4Addr::LOCALHOST, port).into()).ends_with("Some(127.0.0.1)"));
    assert!(response((Ipv6Addr::LOCALHOST, port).into()).ends_with("Some(::1)"));
}
