//! Requests whose body never arrives in full: the server goes on answering and closes their connections.

#![allow(clippy::unwrap_used, reason = "all of this is test code")]

mod common;

use std::io::Write;
use std::time::Duration;

use common::child::{Server, serve_if_child};
use common::client::Client;
use kunci_tiny_http::Limits;

/// The number of unfinished bodies.
const COUNT: usize = 300;

/// The shortest deadline that tiny_http's connections can have.
fn limits() -> Limits {
    Limits {
        body_readers: 8,
        idle_time: Duration::from_secs(2),
        ..Limits::default()
    }
}

fn unfinished(server: &Server) -> Client {
    let mut client = server.client();
    let head = "POST /echo HTTP/1.1\r\nContent-Length: 60000\r\n\r\n";
    client.write_all(head.as_bytes()).unwrap();
    client.write_all(&[b'x'; 59_000]).unwrap();
    client
}

#[test]
fn server_survives_300_unfinished_bodies() {
    serve_if_child(limits());
    let server = Server::start("server_survives_300_unfinished_bodies", "true");
    let clients: Vec<_> = (0..COUNT).map(|_| unfinished(&server)).collect();
    for _ in 0..20 {
        assert_eq!(server.client().get("/next").status, 200);
    }
    let mut refused = 0;
    for mut client in clients {
        let answer = client.answer();
        assert!([408, 503].contains(&answer.status), "{answer:?}");
        assert!(answer.closes());
        assert_eq!(client.rest(), b"", "the connection is closed");
        refused += usize::from(answer.status == 503);
    }
    // Only as many as there are body readers were not refused at once.
    assert!(refused >= COUNT / 2, "{refused} were refused at once");
    // Then there is room for bodies again.
    let body = "POST /echo HTTP/1.1\r\nContent-Length: 2000\r\n\r\n".to_owned() + &"y".repeat(2000);
    assert_eq!(server.client().ask(body).body.len(), 2000);
}
