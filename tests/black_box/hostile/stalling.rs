//! Stalled connections: the server closes each one after its deadline, and not before.

use std::time::{Duration, Instant};

use super::{
    MAX_DELAY, PING, SHORT, SHORT_SETTING, assert_refused_or_closed, assert_serves_promptly, start_server,
};
use crate::support::{Server, Socket, Transport, for_each_transport};

for_each_transport!(stalled_connections_are_closed);

/// The expected behaviour of tiny_http. hyper closes all of them, with 408 or without a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TinyHttp {
    /// Closes the connection at the deadline.
    Closes,
    /// Answers with 408 at the deadline, and closes the connection.
    Sends408,
    /// Refuses the request immediately, and closes the connection.
    Refuses,
}
use TinyHttp::{Closes, Refuses, Sends408};

/// Name, behaviour of tiny_http, and the bytes that the client sends before it stalls.
#[rustfmt::skip]
const STALLS: [(&str, TinyHttp, &str); 6] = [
    ("nothing", Closes, ""),
    ("half a request line", Closes, "GET /hea"),
    ("half a head", Closes, "GET /healthz HTTP/1.1\r\nHost: x\r\nX"),
    ("half a short body", Closes, "POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nuser"),
    ("half a long body", Sends408, "POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 9000\r\n\r\nuser"),
    ("half a chunk", Refuses, "POST /login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nuser"),
];

/// tiny_http's deadline, which is fixed.
const TINY_HTTP_DEADLINE: Duration = Duration::from_secs(30);

fn stalled_connections_are_closed(transport: Transport) {
    let settings = [
        "server.limits.head_timeout",
        "server.limits.body_timeout",
        "server.limits.idle_timeout",
    ];
    let settings = settings
        .map(|key| format!("{key} = \"{SHORT_SETTING}\""))
        .join("\n");
    let server = start_server(transport, &settings);
    let deadline = match transport {
        Transport::TinyHttp => TINY_HTTP_DEADLINE,
        Transport::Hyper => SHORT,
    };
    let begin = Instant::now();
    let mut stalled = STALLS.map(|(name, tiny, bytes)| (name, tiny, connect_and_send(&server, bytes)));
    let mut idle = connect_and_send(&server, PING);
    assert_eq!(idle.response().body, "ok\n");
    assert_eq!(
        idle.responses().len(),
        0,
        "an idle connection is closed without a response"
    );
    for (name, tiny, socket) in &mut stalled {
        match (transport, *tiny) {
            (Transport::TinyHttp, Refuses) => {
                assert_refused_or_closed(&socket.responses(), &[411]);
                continue;
            }
            (Transport::TinyHttp, Sends408) => assert_eq!(socket.response().status, 408, "{name}"),
            _ => {}
        }
        assert_refused_or_closed(&socket.responses(), &[408]);
        let took = begin.elapsed();
        assert!(took >= deadline, "{name}: {took:?}");
        assert!(took < 2 * deadline + MAX_DELAY, "{name}: {took:?}");
    }
    assert_serves_promptly(&server);
}

fn connect_and_send(server: &Server, bytes: &str) -> Socket {
    let mut socket = Socket::connect(server.address());
    socket.send(bytes).unwrap();
    socket
}
