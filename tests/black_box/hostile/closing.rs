//! Clients that close their connection or one half of it at any time.

use std::time::Instant;

use super::{PING, PROMPT, server, serves_promptly};
use crate::support::{PASSWORD, Setup, Socket, Transport, for_each_transport};

for_each_transport!(
    half_closed_client_gets_its_response,
    pipelined_requests_are_answered_in_order,
    clients_may_disconnect_at_any_moment,
    hostile_connections_do_not_delay_a_stop,
);

const REGISTER: &str =
    "POST /register HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n";

fn form(name: &str) -> String {
    let form = format!("username={name}&password={}", PASSWORD.replace(' ', "+"));
    format!("{REGISTER}Content-Length: {}\r\n\r\n{form}", form.len())
}

fn chunked_form(name: &str) -> String {
    let form = format!("username={name}&password={}", PASSWORD.replace(' ', "+"));
    let rest = format!("{:x}\r\n{form}\r\n0\r\n\r\n", form.len());
    format!("{REGISTER}Transfer-Encoding: chunked\r\n\r\n{rest}")
}

fn half_closed_client_gets_its_response(transport: Transport) {
    let server = server(transport, "");
    // tiny_http cannot tell the end of a chunked body from a broken connection, so it refuses both.
    let to_chunks = match transport {
        Transport::TinyHttp => (
            411,
            "The request has a body without a length; send Content-Length\n",
        ),
        Transport::Hyper => (201, "Account created\n"),
    };
    for (request, want) in [
        (PING.to_owned(), (200, "ok\n")),
        (form("ada"), (201, "Account created\n")),
        (chunked_form("bob"), to_chunks),
    ] {
        let mut socket = Socket::connect(server.address());
        socket.send(&request).unwrap();
        socket.finish();
        let answers = socket.answers();
        let got: Vec<_> = answers.iter().map(|a| (a.status, a.body.as_str())).collect();
        assert_eq!(got, [want], "{request:?}");
    }
}

fn pipelined_requests_are_answered_in_order(transport: Transport) {
    let server = server(transport, "");
    let ask = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n");
    let mut socket = Socket::connect(server.address());
    let requests = [ask("/healthz"), form("ada"), ask("/profile"), ask("/nothing")].concat();
    socket.send(requests.repeat(3)).unwrap();
    socket.finish();
    let mut statuses: Vec<_> = socket.answers().iter().map(|answer| answer.status).collect();
    if transport == Transport::TinyHttp {
        // It handles pipelined requests at the same time, so any of the three can be the first to register.
        for at in [1, 5, 9] {
            statuses[at] = statuses[at].max(409);
        }
        assert_eq!(statuses, [200, 409, 200, 404].repeat(3));
    } else {
        assert_eq!(
            statuses,
            [200, 201, 200, 404, 200, 409, 200, 404, 200, 409, 200, 404]
        );
    }
}

fn clients_may_disconnect_at_any_moment(transport: Transport) {
    // Their requests are handled all the same, and wait for password hashes.
    let server = Setup::of(transport)
        .settings("hashing.queue = 256\nthrottle.sign_ups_at_once = 1000")
        .start();
    let request = form("ada") + PING;
    for end in (0..request.len()).chain([request.len(); 30]) {
        let mut socket = Socket::connect(server.address());
        socket.send(&request[..end]).unwrap();
        // With unread responses, this resets the connection.
        drop(socket);
    }
    serves_promptly(&server);
    let mut late = server.text();
    assert_eq!(
        late.post("/register", &[("username", "bob"), ("password", PASSWORD)])
            .status,
        201
    );
    assert_eq!(late.get("/profile").body, "Welcome, bob\n");
}

fn hostile_connections_do_not_delay_a_stop(transport: Transport) {
    // A started body may still arrive until its deadline.
    let mut server = server(transport, "server.limits.body_timeout = \"2s\"");
    let mut held = Vec::new();
    for begun in [
        "",
        "GET / HT",
        "GET / HTTP/1.1\r\nHost: x\r\nX: ",
        &form("ada")[..REGISTER.len() + 30],
    ] {
        for _ in 0..8 {
            let mut socket = Socket::connect(server.address());
            socket.send(begun).unwrap();
            held.push(socket);
        }
    }
    let mut idle = Socket::connect(server.address());
    assert_eq!(idle.ask(PING).body, "ok\n");
    serves_promptly(&server);
    let begin = Instant::now();
    let (status, log) = server.terminate();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(begin.elapsed() < 2 * PROMPT, "it took {:?}", begin.elapsed());
    assert_eq!(idle.answers().len(), 0);
}
