//! Connections that mean no good, or that are merely broken: the server answers clearly or closes, serves
//! everybody else promptly meanwhile, and lives on.
//!
//! Where tiny_http cannot do better, what it does instead is asserted, as the README's table has it.
//! Left out: bad input in well-formed requests, and what the transports do beneath the whole program,
//! which their own tests show.

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

/// A request that is answered without a look at any store, and keeps the connection.
const PING: &str = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";

/// The longest that an answer may take while others do their worst; ten times what a busy machine needs.
const PROMPT: Duration = Duration::from_secs(3);

/// How long a deadline is that a test waits for, and how settings say it.
const SHORT: Duration = Duration::from_millis(700);
const SHORT_SETTING: &str = "700ms";

/// How long a slow client waits before it sends the next byte.
const PAUSE: Duration = Duration::from_millis(3);

/// A server whose limits on connections are out of the way, with more settings where there are such.
fn server(transport: Transport, on_hyper: &str) -> Server {
    Setup::of(transport)
        .on_hyper("server.limits.connections_per_address = 4096")
        .on_hyper(on_hyper)
        .start()
}

/// So many connections.
fn sockets(server: &Server, count: usize) -> Vec<Socket> {
    (0..count).map(|_| Socket::connect(server.address())).collect()
}

/// Asks as somebody who has nothing to do with what else goes on.
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

/// Sends a byte on each connection now and then until the server has closed them all, which it may not
/// do before [`SHORT`] has passed since the beginning, and serves others meanwhile.
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

/// Nothing that the server may say before it closes such a connection but one refusal of its own.
#[track_caller]
fn is_refusal_or_nothing(answers: &[Answer], statuses: &[u16]) {
    assert!(answers.len() < 2, "{answers:?}");
    for answer in answers {
        assert!(statuses.contains(&answer.status), "{answer:?}");
        assert_eq!(answer.missing_headers(), [""; 0], "{answer:?}");
    }
}
