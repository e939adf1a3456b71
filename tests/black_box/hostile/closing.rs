//! Clients that close their connection, or one half of it, at any moment, and the shutdown of the server.

use std::io::Write;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use socket2::SockRef;

use super::{MAX_DELAY, PING, assert_serves_promptly, start_server};
use crate::support::{PASSWORD, Setup, Socket, Transport, for_each_transport};

for_each_transport!(
    half_closed_client_gets_its_response,
    pipelined_requests_are_answered_in_order,
    clients_may_disconnect_at_any_moment,
    clients_that_reset_at_once_fill_no_log,
    hostile_connections_do_not_delay_shutdown,
);

const REGISTER_HEAD: &str =
    "POST /register HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n";

fn register_request(name: &str) -> String {
    let form = format!("username={name}&password={}", PASSWORD.replace(' ', "+"));
    format!("{REGISTER_HEAD}Content-Length: {}\r\n\r\n{form}", form.len())
}

fn chunked_register_request(name: &str) -> String {
    let form = format!("username={name}&password={}", PASSWORD.replace(' ', "+"));
    let rest = format!("{:x}\r\n{form}\r\n0\r\n\r\n", form.len());
    format!("{REGISTER_HEAD}Transfer-Encoding: chunked\r\n\r\n{rest}")
}

/// tiny_http's threads panic if a connection is reset before they take it.
fn clients_that_reset_at_once_fill_no_log(transport: Transport) {
    let mut server = start_server(transport, "");
    for _ in 0..500 {
        let socket = TcpStream::connect(server.address()).unwrap();
        SockRef::from(&socket).set_linger(Some(Duration::ZERO)).unwrap();
        (&socket).write_all(PING.as_bytes()).unwrap();
    }
    assert_serves_promptly(&server);
    let (_, log) = server.terminate();
    assert!(log.lines().count() < 20, "{log}");
    for line in log.lines() {
        let (time, _) = line.split_once(' ').unwrap_or_default();
        assert!(time.ends_with('Z'), "{line} is no event in {log}");
    }
}

fn half_closed_client_gets_its_response(transport: Transport) {
    let server = start_server(transport, "");
    // tiny_http cannot distinguish the end of a chunked body from a broken connection, so it refuses both.
    let chunked_response = match transport {
        Transport::TinyHttp => (
            411,
            "The request has a body without a length; send Content-Length\n",
        ),
        Transport::Hyper => (201, "Account created\n"),
    };
    for (request, expected) in [
        (PING.to_owned(), (200, "ok\n")),
        (register_request("ada"), (201, "Account created\n")),
        (chunked_register_request("bob"), chunked_response),
    ] {
        let mut socket = Socket::connect(server.address());
        socket.send(&request).unwrap();
        socket.shutdown_write();
        let responses = socket.responses();
        let received: Vec<_> = responses
            .iter()
            .map(|response| (response.status, response.body.as_str()))
            .collect();
        assert_eq!(received, [expected], "{request:?}");
    }
}

fn pipelined_requests_are_answered_in_order(transport: Transport) {
    let server = start_server(transport, "");
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n");
    let mut socket = Socket::connect(server.address());
    let requests = [
        get("/healthz"),
        register_request("ada"),
        get("/profile"),
        get("/nothing"),
    ]
    .concat();
    socket.send(requests.repeat(3)).unwrap();
    socket.shutdown_write();
    let mut statuses: Vec<_> = socket
        .responses()
        .iter()
        .map(|response| response.status)
        .collect();
    if transport == Transport::TinyHttp {
        // tiny_http handles pipelined requests concurrently, so any of the three sign-ups can succeed.
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
    // The server still handles their complete requests, which wait for password hashes.
    let server = Setup::new(transport)
        .settings("hashing.queue = 256\nthrottle.sign_ups_at_once = 1000")
        .start();
    let request = register_request("ada") + PING;
    for end in (0..request.len()).chain([request.len(); 30]) {
        let mut socket = Socket::connect(server.address());
        socket.send(&request[..end]).unwrap();
        // If responses are unread, this resets the connection.
        drop(socket);
    }
    assert_serves_promptly(&server);
    let mut client = server.text_client();
    assert_eq!(
        client
            .post("/register", &[("username", "bob"), ("password", PASSWORD)])
            .status,
        201
    );
    assert_eq!(client.get("/profile").body, "Welcome, bob\n");
}

fn hostile_connections_do_not_delay_shutdown(transport: Transport) {
    // A shutdown waits for bodies that have begun to arrive, at most until their deadline.
    let mut server = start_server(transport, "server.limits.body_timeout = \"2s\"");
    let mut held = Vec::new();
    for start in [
        "",
        "GET / HT",
        "GET / HTTP/1.1\r\nHost: x\r\nX: ",
        &register_request("ada")[..REGISTER_HEAD.len() + 30],
    ] {
        for _ in 0..8 {
            let mut socket = Socket::connect(server.address());
            socket.send(start).unwrap();
            held.push(socket);
        }
    }
    let mut idle = Socket::connect(server.address());
    assert_eq!(idle.request(PING).body, "ok\n");
    assert_serves_promptly(&server);
    let begin = Instant::now();
    let (status, log) = server.terminate();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(
        begin.elapsed() < 2 * MAX_DELAY,
        "the shutdown took {:?}",
        begin.elapsed()
    );
    assert_eq!(idle.responses().len(), 0);
}
