//! Slow, incomplete, large and endless heads.

use std::time::Instant;

use super::{PING, SHORT_SETTING, drip, drip_until_closed, is_refusal_or_nothing};
use super::{server, serves_promptly, sockets};
use crate::support::{Server, Socket, Transport, for_each_transport};

for_each_transport!(
    slow_heads_do_not_delay_others,
    incomplete_head_is_not_a_request,
    head_of_a_megabyte_is_refused_and_freed,
    endless_head_is_refused,
    long_targets_and_too_many_fields_are_refused,
);

const MEGABYTE: usize = 1024 * 1024;

/// Memory that a transport with a limit may need for megabytes of heads, in KiB.
const ROOM: u64 = 4 * 1024;

fn slow_heads_do_not_delay_others(transport: Transport) {
    let server = server(
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
    serves_promptly(&server);
}

/// tiny_http limits only single reads, so it waits for a head that keeps arriving.
fn tiny_http_waits_for_them(server: &Server, slow: &mut [Socket]) {
    for _ in 0..10 {
        drip(slow);
        serves_promptly(server);
    }
    for socket in slow {
        assert_eq!(socket.ask("\r\n\r\n").body, "ok\n");
    }
}

fn incomplete_head_is_not_a_request(transport: Transport) {
    let server = server(transport, "");
    let whole = "POST /register HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n";
    for end in 0..whole.len() {
        let mut socket = Socket::connect(server.address());
        socket.send(&whole[..end]).unwrap();
        socket.finish();
        let answers = socket.answers();
        match transport {
            // It answers incomplete lines with its own 400.
            Transport::TinyHttp => assert!(answers.iter().all(|answer| answer.status == 400), "{end}"),
            Transport::Hyper => is_refusal_or_nothing(&answers, &[400]),
        }
    }
    serves_promptly(&server);
}

fn head_of_a_megabyte_is_refused_and_freed(transport: Transport) {
    let server = server(transport, "");
    serves_promptly(&server);
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
            Transport::TinyHttp => assert_eq!(socket.answer().status, 431, "{sent:?}"),
            Transport::Hyper => is_refusal_or_nothing(&socket.answers(), &[431, 400]),
        }
    }
    let grown = server.peak_memory() - before;
    let room = match transport {
        // A head is in memory several times before its size is checked.
        Transport::TinyHttp => 8 * ROOM,
        Transport::Hyper => ROOM,
    };
    assert!(grown < room, "{grown} KiB more");
    serves_promptly(&server);
}

fn endless_head_is_refused(transport: Transport) {
    let server = server(transport, "");
    serves_promptly(&server);
    let before = server.peak_memory();
    let mut socket = Socket::connect(server.address());
    let mut sent = socket.send("GET /healthz HTTP/1.1\r\nHost: x\r\n");
    for n in 0..8 * 16 {
        sent = sent.and_then(|()| socket.send(format!("X-{n}: {}\r\n", "a".repeat(MEGABYTE / 16))));
    }
    let grown = server.peak_memory() - before;
    match transport {
        // tiny_http reads all of it, and then refuses it.
        Transport::TinyHttp => {
            sent.unwrap();
            assert_eq!(socket.ask("\r\n").status, 431);
        }
        Transport::Hyper => {
            assert!(sent.is_err() || grown < ROOM, "{grown} KiB more");
            is_refusal_or_nothing(&socket.answers(), &[431, 400]);
            assert!(grown < ROOM, "{grown} KiB more");
        }
    }
    serves_promptly(&server);
}

fn long_targets_and_too_many_fields_are_refused(transport: Transport) {
    let server = server(transport, "");
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
        socket.finish();
        let answer = socket.answer();
        assert!([431, 414, 400].contains(&answer.status), "{name}: {answer:?}");
        assert_eq!(answer.missing_headers(), [""; 0], "{name}");
        if transport == Transport::Hyper {
            assert_eq!(
                socket.answers().len(),
                0,
                "{name}: what comes behind is not answered"
            );
        }
    }
    serves_promptly(&server);
}
