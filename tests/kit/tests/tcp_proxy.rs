//! The TCP proxy forwards, cuts and stalls as it says.

#![allow(clippy::unwrap_used, missing_docs, reason = "a failed step ends the test")]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use kunci_testkit::fakes::{Cut, TcpProxy};

/// Longer than any answer takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// Starts a server that answers each request by its bytes, behind a proxy. Also returns what the server reads.
fn echo() -> (TcpProxy, Receiver<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = TcpProxy::start(listener.local_addr().unwrap());
    let (send, received) = channel();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let send = send.clone();
            thread::spawn(move || {
                let mut buffer = [0; 64];
                while let Ok(length @ 1..) = stream.read(&mut buffer) {
                    send.send(buffer[..length].to_vec()).unwrap();
                    stream.write_all(&buffer[..length]).unwrap();
                }
            });
        }
    });
    (proxy, received)
}

fn connect(proxy: &TcpProxy) -> TcpStream {
    let stream = TcpStream::connect(proxy.address()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// Sends a request, and returns the response, which is empty if the connection was closed.
fn ask(stream: &mut TcpStream, request: &[u8]) -> Vec<u8> {
    let mut buffer = [0; 64];
    let sent = stream.write_all(request);
    let length = sent.and_then(|()| stream.read(&mut buffer)).unwrap_or(0);
    buffer[..length].to_vec()
}

#[test]
fn lost_request_never_reaches_the_server() {
    let (proxy, received) = echo();
    let mut client = connect(&proxy);
    assert_eq!(ask(&mut client, b"two"), b"two");
    proxy.cut_at(b"two", Cut::Request);
    assert_eq!(ask(&mut client, b"one"), b"one", "earlier bytes do not count");
    assert!(!proxy.has_cut());
    assert_eq!(ask(&mut client, b"t"), b"t");
    assert_eq!(ask(&mut client, b"wo"), b"", "the bytes of the cut may be split");
    assert!(proxy.has_cut());
    assert_eq!(ask(&mut connect(&proxy), b"two"), b"two", "one cut is made once");
    let requests: Vec<Vec<u8>> = received.try_iter().collect();
    assert_eq!(requests, [&b"two"[..], b"one", b"t", b"two"]);
}

#[test]
fn lost_response_was_sent_by_the_server() {
    let (proxy, received) = echo();
    proxy.cut_at(b"two", Cut::Response);
    assert_eq!(ask(&mut connect(&proxy), b"two"), b"");
    assert_eq!(received.recv_timeout(PATIENCE).unwrap(), b"two");
}

#[test]
fn absent_server_closes_old_and_new_connections_until_it_comes_back() {
    let (proxy, _received) = echo();
    let mut old = connect(&proxy);
    assert_eq!(ask(&mut old, b"one"), b"one");
    proxy.go_away();
    assert_eq!(ask(&mut old, b"two"), b"");
    assert_eq!(ask(&mut connect(&proxy), b"three"), b"");
    proxy.come_back();
    assert_eq!(ask(&mut connect(&proxy), b"four"), b"four");
}

#[test]
fn stalled_server_answers_when_it_comes_back() {
    let (proxy, received) = echo();
    let mut client = connect(&proxy);
    proxy.stall();
    client.write_all(b"one").unwrap();
    client.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    assert!(client.read(&mut [0; 1]).is_err());
    assert!(received.try_recv().is_err());
    proxy.come_back();
    client.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut answer = [0; 3];
    client.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"one");
}
