//! Stopping a server.

mod common;

use std::io::ErrorKind;
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use common::Host;
use common::client::Client;
use kunci_tiny_http::{Limits, Listen};

/// Returns the client of a request that certainly waits in the slow queue: there is room for one, so of two
/// requests it is the one that is not refused.
fn one_that_waits(host: &Host) -> Client {
    let mut both = [(); 2].map(|()| host.send("GET /slow2 HTTP/1.1\r\n\r\n"));
    loop {
        both.reverse();
        both[0].patience(Duration::from_millis(50));
        if let Ok(answer) = both[0].try_answer(false) {
            assert_eq!(answer.status, 503);
            let [_, waits] = both;
            waits.patience(common::PATIENCE);
            return waits;
        }
    }
}

#[test]
fn stop_answers_requests_in_flight_and_ignores_idle_clients() {
    let host = Host::with(Limits {
        slow_workers: 1,
        slow_queue: 1,
        ..Limits::default()
    });
    let Listen::Tcp(address) = host.address else {
        panic!("not TCP")
    };
    let mut idle = host.client();
    assert_eq!(idle.get("/").status, 200);
    let _silent = host.client();
    let mut begun = host.send("GET /slow1 HTTP/1.1\r\n\r\n");
    host.probe.wait_entered(1);
    let mut waiting = one_that_waits(&host);

    let probe = host.probe.clone();
    let stop = host.running.stop_handle();
    let from_a_signal = stop.clone();
    thread::spawn(move || from_a_signal.stop()).join().unwrap();
    stop.stop();
    let start = Instant::now();
    let end = thread::spawn(move || host.running.wait());
    // The accept loop ends before the slow requests do.
    while TcpStream::connect(address).is_ok() {
        assert!(start.elapsed() < common::PATIENCE, "the server still accepts");
    }
    probe.open_gate();
    for (client, text) in [(&mut begun, "/slow1"), (&mut waiting, "/slow2")] {
        let answer = client.answer();
        assert_eq!(answer.text(), text);
        assert!(answer.closes());
    }
    end.join().unwrap().unwrap();
    assert!(start.elapsed() < Limits::default().stop_time);
}

#[test]
fn stop_has_a_deadline() {
    let host = Host::with(Limits {
        stop_time: Duration::from_millis(100),
        ..Limits::default()
    });
    let _begun = host.send("GET /slow HTTP/1.1\r\n\r\n");
    let _stalled = host.send("POST / HTTP/1.1\r\nContent-Length: 2000\r\n\r\n");
    host.probe.wait_entered(1);
    let start = Instant::now();
    let probe = host.probe.clone();
    assert!(host.stop().is_ok());
    assert!(start.elapsed() >= Duration::from_millis(100));
    assert!(start.elapsed() < Duration::from_secs(5));
    probe.open_gate();
}

#[test]
fn unused_server_stops_at_once() {
    let host = Host::start();
    let Listen::Tcp(address) = host.address else {
        panic!("not TCP")
    };
    let start = Instant::now();
    assert!(host.stop().is_ok());
    assert!(start.elapsed() < Duration::from_secs(5));
    // tiny_http's accept thread closes the socket asynchronously.
    let refused = loop {
        match TcpStream::connect(address) {
            Err(error) => break error,
            Ok(_) => assert!(start.elapsed() < common::PATIENCE, "the server still accepts"),
        }
    };
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
}

#[test]
fn dropping_a_running_server_stops_it() {
    let host = Host::start();
    let Listen::Tcp(address) = host.address else {
        panic!("not TCP")
    };
    drop(host.running);
    let start = Instant::now();
    while TcpStream::connect(address).is_ok() {
        assert!(start.elapsed() < common::PATIENCE, "the server still accepts");
    }
}
