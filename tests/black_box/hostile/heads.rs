//! Slow, incomplete, large and endless request heads.

use std::time::Instant;

use super::{PING, SHORT_SETTING, assert_refused_or_closed, drip, drip_until_closed};
use super::{assert_serves_promptly, sockets, start_server};
use crate::support::{Server, Socket, Transport, for_each_transport};

for_each_transport!(
    slow_heads_do_not_delay_others,
    incomplete_head_is_not_a_request,
    head_of_a_megabyte_is_refused_and_freed,
    endless_head_is_refused,
    long_targets_and_too_many_fields_are_refused,
);

const MEGABYTE: usize = 1024 * 1024;

/// Memory growth, in KiB, that large heads may cause on a transport that limits them.
const ALLOWED_GROWTH: u64 = 4 * 1024;

fn slow_heads_do_not_delay_others(transport: Transport) {
    let server = start_server(
        transport,
        &format!("server.limits.head_timeout = \"{SHORT_SETTING}\""),
    );
    let begin = Instant::now();
    let mut slow = sockets(&server, 32);
    for socket in &mut slow {
        socket.send("GET /healthz HTTP/1.1\r\nHost: x\r\nX: ").unwrap();
    }
    match transport {
        Transport::TinyHttp => tiny_http_waits_for_them(&server, &mut slow),
        Transport::Hyper => drip_until_closed(&server, slow, begin, &[408]),
    }
    assert_serves_promptly(&server);
}

/// tiny_http's deadline applies to each single read, so it waits while bytes of a head arrive.
fn tiny_http_waits_for_them(server: &Server, slow: &mut [Socket]) {
    for _ in 0..10 {
        drip(slow);
        assert_serves_promptly(server);
    }
    for socket in slow {
        assert_eq!(socket.request("\r\n\r\n").body, "ok\n");
    }
}

fn incomplete_head_is_not_a_request(transport: Transport) {
    let server = start_server(transport, "");
    let whole = "POST /register HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n";
    for end in 0..whole.len() {
        let mut socket = Socket::connect(server.address());
        socket.send(&whole[..end]).unwrap();
        socket.shutdown_write();
        let responses = socket.responses();
        match transport {
            // tiny_http answers incomplete lines with its own 400.
            Transport::TinyHttp => assert!(responses.iter().all(|response| response.status == 400), "{end}"),
            Transport::Hyper => assert_refused_or_closed(&responses, &[400]),
        }
    }
    assert_serves_promptly(&server);
}

fn head_of_a_megabyte_is_refused_and_freed(transport: Transport) {
    let server = start_server(transport, "");
    assert_serves_promptly(&server);
    let before = server.peak_memory();
    let head = format!(
        "GET /healthz HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n",
        "a".repeat(MEGABYTE)
    );
    for _ in 0..20 {
        let mut socket = Socket::connect(server.address());
        // The server may close the connection before it has read the whole head.
        let sent = socket.send(&head);
        match transport {
            Transport::TinyHttp => assert_eq!(socket.response().status, 431, "{sent:?}"),
            Transport::Hyper => assert_refused_or_closed(&socket.responses(), &[431, 400]),
        }
    }
    let grown = server.peak_memory() - before;
    let allowed = match transport {
        // Several copies of a head are in memory before its size is checked.
        Transport::TinyHttp => 8 * ALLOWED_GROWTH,
        Transport::Hyper => ALLOWED_GROWTH,
    };
    assert!(grown < allowed, "memory grew by {grown} KiB");
    assert_serves_promptly(&server);
}

fn endless_head_is_refused(transport: Transport) {
    let server = start_server(transport, "");
    assert_serves_promptly(&server);
    let before = server.peak_memory();
    let mut socket = Socket::connect(server.address());
    let mut sent = socket.send("GET /healthz HTTP/1.1\r\nHost: x\r\n");
    for n in 0..8 * 16 {
        sent = sent.and_then(|()| socket.send(format!("X-{n}: {}\r\n", "a".repeat(MEGABYTE / 16))));
    }
    let grown = server.peak_memory() - before;
    match transport {
        // tiny_http reads the whole head, and then refuses it.
        Transport::TinyHttp => {
            sent.unwrap();
            assert_eq!(socket.request("\r\n").status, 431);
        }
        Transport::Hyper => {
            assert!(
                sent.is_err() || grown < ALLOWED_GROWTH,
                "memory grew by {grown} KiB"
            );
            assert_refused_or_closed(&socket.responses(), &[431, 400]);
            assert!(grown < ALLOWED_GROWTH, "memory grew by {grown} KiB");
        }
    }
    assert_serves_promptly(&server);
}

fn long_targets_and_too_many_fields_are_refused(transport: Transport) {
    let server = start_server(transport, "");
    let fields: String = (0..1_000).map(|n| format!("X-{n}: y\r\n")).collect();
    for (name, request) in [
        (
            "a target of 100 KiB",
            format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(100 * 1024)),
        ),
        (
            "1,000 fields",
            format!("GET /healthz HTTP/1.1\r\nHost: x\r\n{fields}\r\n"),
        ),
        (
            "a method of 100 KiB",
            format!("{} / HTTP/1.1\r\nHost: x\r\n\r\n", "A".repeat(100 * 1024)),
        ),
    ] {
        let mut socket = Socket::connect(server.address());
        let _ = socket.send(format!("{request}{PING}"));
        socket.shutdown_write();
        let response = socket.response();
        assert!([431, 414, 400].contains(&response.status), "{name}: {response:?}");
        assert_eq!(response.missing_headers(), [""; 0], "{name}");
        if transport == Transport::Hyper {
            assert_eq!(
                socket.responses().len(),
                0,
                "{name}: the second request must not be answered"
            );
        }
    }
    assert_serves_promptly(&server);
}
