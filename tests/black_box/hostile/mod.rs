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

use crate::support::{Answer, PATIENCE, Server, Setup, Socket, Transport};

/// A request that needs no store and keeps the connection.
const PING: &str = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";

/// The longest time of a response during an attack; ten times what a busy machine needs.
const PROMPT: Duration = Duration::from_secs(3);

/// A deadline that a test waits for, and its value in the settings.
const SHORT: Duration = Duration::from_millis(700);
const SHORT_SETTING: &str = "700ms";

/// How long a slow client waits before it sends the next byte.
const PAUSE: Duration = Duration::from_millis(3);

/// Starts a server with high limits on connections, and with more settings for hyper.
fn server(transport: Transport, on_hyper: &str) -> Server {
    Setup::of(transport)
        .on_hyper("server.limits.connections_per_address = 4096")
        .on_hyper(on_hyper)
        .start()
}

/// Opens `count` connections.
fn sockets(server: &Server, count: usize) -> Vec<Socket> {
    (0..count).map(|_| Socket::connect(server.address())).collect()
}

/// Checks that a new client is served promptly.
#[track_caller]
fn serves_promptly(server: &Server) {
    for (path, body) in [
        ("/healthz", "ok\n"),
        ("/profile", "You are not logged in\n"),
        ("/readyz", "ok\n"),
    ] {
        let begin = Instant::now();
        assert_eq!(server.text().get(path).body, body);
        let took = begin.elapsed();
        assert!(took < PROMPT, "{path} took {took:?}");
    }
}

/// Sends a byte on each connection.
fn drip(slow: &mut [Socket]) {
    for socket in slow {
        socket.send("a").unwrap();
    }
}

/// Sends single bytes on each connection until the server has closed all of them. The server must not do this
/// before [`SHORT`] has passed since `begin`, and must serve other clients meanwhile.
#[track_caller]
fn drip_until_closed(server: &Server, mut slow: Vec<Socket>, begin: Instant, statuses: &[u16]) {
    while !slow.is_empty() {
        assert!(begin.elapsed() < PATIENCE, "{} are open still", slow.len());
        serves_promptly(server);
        slow.retain_mut(|socket| {
            let is_open = socket.send("a").is_ok() && socket.stays_open_for(PAUSE);
            if !is_open {
                assert!(begin.elapsed() >= SHORT, "closed before its time");
                is_refusal_or_nothing(&socket.answers(), statuses);
            }
            is_open
        });
    }
}

/// Checks that the server sent nothing, or one refusal with all of Kunci's headers.
#[track_caller]
fn is_refusal_or_nothing(answers: &[Answer], statuses: &[u16]) {
    assert!(answers.len() < 2, "{answers:?}");
    for answer in answers {
        assert!(statuses.contains(&answer.status), "{answer:?}");
        assert_eq!(answer.missing_headers(), [""; 0], "{answer:?}");
    }
}
