//! Slow, incomplete and endless bodies, and declared lengths larger than any memory.

use std::time::Instant;

use super::{PING, SHORT_SETTING, assert_serves_promptly, drip, drip_until_closed, sockets, start_server};
use crate::support::{PASSWORD, Response, Server, Socket, Transport, for_each_transport};

for_each_transport!(
    slow_bodies_do_not_delay_others,
    server_survives_300_unfinished_bodies,
    incomplete_body_changes_nothing,
    huge_length_is_refused,
    endless_chunks_are_refused,
    expect_100_continue_is_answered_before_the_body,
);

const FORM: &str = "Host: x\r\nContent-Type: application/x-www-form-urlencoded\r\n";

fn slow_bodies_do_not_delay_others(transport: Transport) {
    let server = start_server(
        transport,
        &format!("server.limits.body_timeout = \"{SHORT_SETTING}\""),
    );
    let begin = Instant::now();
    let mut slow = sockets(&server, 32);
    for socket in &mut slow {
        let head = format!("POST /login HTTP/1.1\r\n{FORM}Content-Length: 60000\r\n\r\nusername=");
        socket.send(head).unwrap();
    }
    match transport {
        Transport::TinyHttp => tiny_http_waits_for_them(&server, &mut slow),
        Transport::Hyper => drip_until_closed(&server, slow, begin, &[408]),
    }
    let registered = server
        .text_client()
        .post("/register", &[("username", "ada"), ("password", PASSWORD)]);
    assert_eq!(registered.body, "Account created\n");
}

/// On tiny_http, a bounded number of threads reads long bodies. Short bodies do not need these threads.
fn tiny_http_waits_for_them(server: &Server, slow: &mut [Socket]) {
    for _ in 0..10 {
        drip(slow);
        assert_serves_promptly(server);
        let wrong = [("username", "nobody"), ("password", "wrong horse")];
        assert_eq!(server.text_client().post("/login", &wrong).status, 401);
    }
    for socket in &mut *slow {
        socket.shutdown_write();
    }
    for socket in slow {
        assert_eq!(socket.response().status, 400);
    }
}

fn server_survives_300_unfinished_bodies(transport: Transport) {
    let server = start_server(
        transport,
        &format!("server.limits.body_timeout = \"{SHORT_SETTING}\""),
    );
    let mut unfinished = sockets(&server, 300);
    for socket in &mut unfinished {
        let head = format!("POST /login HTTP/1.1\r\n{FORM}Content-Length: 60000\r\n\r\n");
        socket.send(head + &"a".repeat(59_000)).unwrap();
    }
    for _ in 0..5 {
        assert_serves_promptly(&server);
    }
    // tiny_http immediately refuses the bodies for which it has no thread. The others end at its deadline.
    for mut socket in unfinished {
        let responses = socket.responses();
        assert!(responses.len() < 2, "{responses:?}");
        assert!(
            responses
                .iter()
                .all(|response| [408, 503].contains(&response.status)),
            "{responses:?}"
        );
    }
    assert_serves_promptly(&server);
}

fn incomplete_body_changes_nothing(transport: Transport) {
    let server = start_server(transport, "");
    let form = format!("username=ada&password={}", PASSWORD.replace(' ', "+"));
    let length = form.len();
    for framing in [
        // Each body contains a complete form. Only the framing shows that more must follow.
        format!("Content-Length: {}\r\n\r\n{form}", length + 1),
        format!("Content-Length: 60000\r\n\r\n{form}"),
        format!("Transfer-Encoding: chunked\r\n\r\n{length:x}\r\n{form}"),
        format!("Transfer-Encoding: chunked\r\n\r\n{length:x}\r\n{form}\r\n"),
        format!("Transfer-Encoding: chunked\r\n\r\n{length:x}\r\n{form}\r\n0\r\n"),
        format!("Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{form}", length + 1),
    ] {
        let mut socket = Socket::connect(server.address());
        socket
            .send(format!("POST /register HTTP/1.1\r\n{FORM}{framing}"))
            .unwrap();
        socket.shutdown_write();
        let responses = socket.responses();
        let is_refused = |response: &Response| [400, 408, 411].contains(&response.status);
        assert!(responses.iter().all(is_refused), "{framing:?}: {responses:?}");
    }
    let users = server.command(&["user", "list"], "");
    assert_eq!(
        String::from_utf8_lossy(&users.stdout),
        "",
        "no account is created"
    );
    assert_serves_promptly(&server);
}

fn huge_length_is_refused(transport: Transport) {
    let server = start_server(transport, "");
    assert_serves_promptly(&server);
    let before = server.peak_memory();
    for (length, statuses) in [
        ("2000000", [413, 413]),
        ("99999999999999", [413, 413]),
        ("9223372036854775807", [413, 413]),
        // The next two have a special meaning in hyper, and the last two overflow a `u64`.
        ("18446744073709551614", [413, 400]),
        ("18446744073709551615", [413, 400]),
        ("18446744073709551616", [400, 400]),
        ("99999999999999999999999999", [400, 400]),
    ] {
        for accept in ["*/*", "text/html", "application/json"] {
            let head = format!("POST /login HTTP/1.1\r\n{FORM}Accept: {accept}\r\nContent-Length: {length}");
            let mut socket = Socket::connect(server.address());
            let response = socket.request(format!("{head}\r\n\r\n"));
            assert!(statuses.contains(&response.status), "{length}: {response:?}");
            assert_eq!(response.missing_headers(), [""; 0], "{length}");
            // After an invalid length, tiny_http does not close the connection itself.
            if transport == Transport::Hyper || response.status == 413 {
                // The next bytes could be a body or a request, so the server must not answer them.
                let _ = socket.send(PING);
                assert_eq!(socket.responses().len(), 0, "{length}");
            }
        }
    }
    let grown = server.peak_memory() - before;
    assert!(grown < 8 * 1024, "memory grew by {grown} KiB");
    assert_serves_promptly(&server);
}

fn endless_chunks_are_refused(transport: Transport) {
    let server = start_server(transport, "");
    assert_serves_promptly(&server);
    let before = server.peak_memory();
    let mut socket = Socket::connect(server.address());
    socket
        .send(format!(
            "POST /login HTTP/1.1\r\n{FORM}Transfer-Encoding: chunked\r\n\r\n"
        ))
        .unwrap();
    let chunk = format!("4000\r\n{}\r\n", "a".repeat(0x4000));
    let mut sent = Ok(());
    for _ in 0..1_000 {
        sent = sent.and_then(|()| socket.send(&chunk));
    }
    let response = socket.response();
    let status = match transport {
        Transport::TinyHttp => 411,
        Transport::Hyper => 413,
    };
    assert_eq!(response.status, status, "{response:?}");
    assert_eq!(response.missing_headers(), [""; 0]);
    let grown = server.peak_memory() - before;
    assert!(grown < 4 * 1024, "memory grew by {grown} KiB");
    if transport == Transport::Hyper {
        assert!(sent.is_err(), "the server read 16 MB of a refused body");
    }
    assert_serves_promptly(&server);
}

fn expect_100_continue_is_answered_before_the_body(transport: Transport) {
    let server = start_server(transport, "");
    let head = |length: usize| {
        format!("POST /login HTTP/1.1\r\n{FORM}Expect: 100-continue\r\nContent-Length: {length}\r\n\r\n")
    };
    let mut socket = Socket::connect(server.address());
    assert_eq!(socket.request(head(70_000)).status, 413);
    let mut socket = Socket::connect(server.address());
    assert_eq!(socket.request(head(30)).status, 100);
    let response = socket.request("username=ada&password=wrong+ho");
    assert_eq!((response.status, response.missing_headers()), (401, vec![]));
}
