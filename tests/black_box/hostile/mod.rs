//! Hostile and broken connections: the server answers or closes them, and serves other clients promptly.
//!
//! Where tiny_http cannot do better, the tests assert what the README's table documents.

mod ambiguous;
mod bodies;
mod closing;
mod crowds;
mod heads;
mod limits;
mod readers;
mod stalling;

use std::time::{Duration, Instant};

use crate::support::{Response, Server, Setup, Socket, TIMEOUT, Transport};

/// A request that needs no store and keeps the connection open.
const PING: &str = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";

/// Longest response time that is allowed during an attack: ten times what a busy machine needs.
const MAX_DELAY: Duration = Duration::from_secs(3);

/// A deadline that a test waits for, and its value in the settings.
const SHORT: Duration = Duration::from_millis(700);
const SHORT_SETTING: &str = "700ms";

/// How long a slow client waits before it sends the next byte.
const PAUSE: Duration = Duration::from_millis(3);

/// Starts a server. On hyper, it has a high limit of connections per address, and the given settings.
fn start_server(transport: Transport, hyper_settings: &str) -> Server {
    Setup::new(transport)
        .hyper_settings("server.limits.connections_per_address = 4096")
        .hyper_settings(hyper_settings)
        .start()
}

/// Opens this many connections.
fn sockets(server: &Server, count: usize) -> Vec<Socket> {
    (0..count).map(|_| Socket::connect(server.address())).collect()
}

/// Checks that a new client is served promptly.
#[track_caller]
fn assert_serves_promptly(server: &Server) {
    for (path, body) in [
        ("/healthz", "ok\n"),
        ("/profile", "You are not logged in\n"),
        ("/readyz", "ok\n"),
    ] {
        let begin = Instant::now();
        assert_eq!(server.text_client().get(path).body, body);
        let took = begin.elapsed();
        assert!(took < MAX_DELAY, "{path} took {took:?}");
    }
}

/// Sends a byte on each connection.
fn drip(slow: &mut [Socket]) {
    for socket in slow {
        socket.send("a").unwrap();
    }
}

/// Sends single bytes on each connection until the server has closed all of them.
///
/// The server must not close any before [`SHORT`] has passed since `begin`. Meanwhile it must serve other clients.
#[track_caller]
fn drip_until_closed(server: &Server, mut slow: Vec<Socket>, begin: Instant, statuses: &[u16]) {
    while !slow.is_empty() {
        assert!(
            begin.elapsed() < TIMEOUT,
            "{} connections are still open",
            slow.len()
        );
        assert_serves_promptly(server);
        slow.retain_mut(|socket| {
            let is_open = socket.send("a").is_ok() && socket.stays_open_for(PAUSE);
            if !is_open {
                assert!(begin.elapsed() >= SHORT, "closed before the deadline");
                assert_refused_or_closed(&socket.responses(), statuses);
            }
            is_open
        });
    }
}

/// Checks that the server sent nothing, or one refusal with all of Kunci's headers.
#[track_caller]
fn assert_refused_or_closed(responses: &[Response], statuses: &[u16]) {
    assert!(responses.len() < 2, "{responses:?}");
    for response in responses {
        assert!(statuses.contains(&response.status), "{response:?}");
        assert_eq!(response.missing_headers(), [""; 0], "{response:?}");
    }
}
