//! Stalled connections: each is closed when its deadline has passed, and not before.

use std::time::{Duration, Instant};

use super::{PING, PROMPT, SHORT, SHORT_SETTING, is_refusal_or_nothing, server, serves_promptly};
use crate::support::{Server, Socket, Transport, for_each_transport};

for_each_transport!(stalled_connections_are_closed);

/// The behaviour of tiny_http. hyper answers with 408 or nothing, and closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tiny {
    Closes,
    /// It answers with 408 and closes.
    Tells,
    /// It refuses at once and closes.
    Refuses,
}
use Tiny::{Closes, Refuses, Tells};

/// The bytes that the client sends before it stalls.
#[rustfmt::skip]
const STALLS: [(&str, Tiny, &str); 6] = [
    ("nothing", Closes, ""),
    ("half a request line", Closes, "GET /hea"),
    ("half a head", Closes, "GET /healthz HTTP/1.1\r\nHost: x\r\nX"),
    ("half a short body", Closes, "POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nuser"),
    ("half a long body", Tells, "POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 9000\r\n\r\nuser"),
    ("half a chunk", Refuses, "POST /login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nuser"),
];

/// tiny_http's deadline, which is not a setting.
const LONG: Duration = Duration::from_secs(30);

fn stalled_connections_are_closed(transport: Transport) {
    let settings = [
        "server.limits.head_timeout",
        "server.limits.body_timeout",
        "server.limits.idle_timeout",
    ];
    let settings = settings
        .map(|key| format!("{key} = \"{SHORT_SETTING}\""))
        .join("\n");
    let server = server(transport, &settings);
    let deadline = match transport {
        Transport::TinyHttp => LONG,
        Transport::Hyper => SHORT,
    };
    let begin = Instant::now();
    let mut stalled = STALLS.map(|(name, tiny, bytes)| (name, tiny, begun(&server, bytes)));
    let mut used = begun(&server, PING);
    assert_eq!(used.answer().body, "ok\n");
    assert_eq!(
        used.answers().len(),
        0,
        "an idle connection is closed without a word"
    );
    for (name, tiny, socket) in &mut stalled {
        match (transport, *tiny) {
            (Transport::TinyHttp, Refuses) => {
                is_refusal_or_nothing(&socket.answers(), &[411]);
                continue;
            }
            (Transport::TinyHttp, Tells) => assert_eq!(socket.answer().status, 408, "{name}"),
            _ => {}
        }
        is_refusal_or_nothing(&socket.answers(), &[408]);
        let took = begin.elapsed();
        assert!(took >= deadline, "{name}: {took:?}");
        assert!(took < 2 * deadline + PROMPT, "{name}: {took:?}");
    }
    serves_promptly(&server);
}

fn begun(server: &Server, bytes: &str) -> Socket {
    let mut socket = Socket::connect(server.address());
    socket.send(bytes).unwrap();
    socket
}
