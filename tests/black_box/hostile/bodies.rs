//! Slow bodies, incomplete bodies, and declared lengths larger than any memory.

use std::time::Instant;

use super::{PING, SHORT_SETTING, drip, drip_until_closed, server, serves_promptly, sockets};
use crate::support::{Answer, PASSWORD, Server, Socket, Transport, for_each_transport};

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
    let server = server(
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
        .text()
        .post("/register", &[("username", "ada"), ("password", PASSWORD)]);
    assert_eq!(registered.body, "Account created\n");
}

/// On tiny_http a bounded number of threads reads such bodies; short bodies do not need them.
fn tiny_http_waits_for_them(server: &Server, slow: &mut [Socket]) {
    for _ in 0..10 {
        drip(slow);
        serves_promptly(server);
        let wrong = [("username", "nobody"), ("password", "wrong horse")];
        assert_eq!(server.text().post("/login", &wrong).status, 401);
    }
    for socket in &mut *slow {
        socket.finish();
    }
    for socket in slow {
        assert_eq!(socket.answer().status, 400);
    }
}

fn server_survives_300_unfinished_bodies(transport: Transport) {
    let server = server(
        transport,
        &format!("server.limits.body_timeout = \"{SHORT_SETTING}\""),
    );
    let mut unfinished = sockets(&server, 300);
    for socket in &mut unfinished {
        let head = format!("POST /login HTTP/1.1\r\n{FORM}Content-Length: 60000\r\n\r\n");
        socket.send(head + &"a".repeat(59_000)).unwrap();
    }
    for _ in 0..5 {
        serves_promptly(&server);
    }
    // tiny_http refuses at once those for which it has no thread. The others end at its deadline.
    for mut socket in unfinished {
        let answers = socket.answers();
        assert!(answers.len() < 2, "{answers:?}");
        assert!(
            answers.iter().all(|answer| [408, 503].contains(&answer.status)),
            "{answers:?}"
        );
    }
    serves_promptly(&server);
}

fn incomplete_body_changes_nothing(transport: Transport) {
    let server = server(transport, "");
    let form = format!("username=ada&password={}", PASSWORD.replace(' ', "+"));
    let length = form.len();
    for framed in [
        // The bytes are a complete form each time; only the framing shows that more must follow.
        format!("Content-Length: {}\r\n\r\n{form}", length + 1),
        format!("Content-Length: 60000\r\n\r\n{form}"),
        format!("Transfer-Encoding: chunked\r\n\r\n{length:x}\r\n{form}"),
        format!("Transfer-Encoding: chunked\r\n\r\n{length:x}\r\n{form}\r\n"),
        format!("Transfer-Encoding: chunked\r\n\r\n{length:x}\r\n{form}\r\n0\r\n"),
        format!("Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{form}", length + 1),
    ] {
        let mut socket = Socket::connect(server.address());
        socket
            .send(format!("POST /register HTTP/1.1\r\n{FORM}{framed}"))
            .unwrap();
        socket.finish();
        let answers = socket.answers();
        let is_refused = |answer: &Answer| [400, 408, 411].contains(&answer.status);
        assert!(answers.iter().all(is_refused), "{framed:?}: {answers:?}");
    }
    let users = server.command(&["user", "list"], "");
    assert_eq!(
        String::from_utf8_lossy(&users.stdout),
        "",
        "nobody was registered"
    );
    serves_promptly(&server);
}

fn huge_length_is_refused(transport: Transport) {
    let server = server(transport, "");
    serves_promptly(&server);
    let before = server.peak_memory();
    for (length, statuses) in [
        ("2000000", [413, 413]),
        ("99999999999999", [413, 413]),
        ("9223372036854775807", [413, 413]),
        // The last ones overflow a `u64`, and the first ones have a special meaning in hyper.
        ("18446744073709551614", [413, 400]),
        ("18446744073709551615", [413, 400]),
        ("18446744073709551616", [400, 400]),
        ("99999999999999999999999999", [400, 400]),
    ] {
        for accept in ["*/*", "text/html", "application/json"] {
            let head = format!("POST /login HTTP/1.1\r\n{FORM}Accept: {accept}\r\nContent-Length: {length}");
            let mut socket = Socket::connect(server.address());
            let answer = socket.ask(format!("{head}\r\n\r\n"));
            assert!(statuses.contains(&answer.status), "{length}: {answer:?}");
            assert_eq!(answer.missing_headers(), [""; 0], "{length}");
            // tiny_http only asks the client to close after a length that is no number.
            if transport == Transport::Hyper || answer.status == 413 {
                // What follows could be a body or a request, so it must not be answered.
                let _ = socket.send(PING);
                assert_eq!(socket.answers().len(), 0, "{length}");
            }
        }
    }
    let grown = server.peak_memory() - before;
    assert!(grown < 8 * 1024, "{grown} KiB more");
    serves_promptly(&server);
}

fn endless_chunks_are_refused(transport: Transport) {
    let server = server(transport, "");
    serves_promptly(&server);
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
    let answer = socket.answer();
    let status = match transport {
        Transport::TinyHttp => 411,
        Transport::Hyper => 413,
    };
    assert_eq!(answer.status, status, "{answer:?}");
    assert_eq!(answer.missing_headers(), [""; 0]);
    let grown = server.peak_memory() - before;
    assert!(grown < 4 * 1024, "{grown} KiB more");
    if transport == Transport::Hyper {
        assert!(sent.is_err(), "it has read 16 MB of what it refuses");
    }
    serves_promptly(&server);
}

fn expect_100_continue_is_answered_before_the_body(transport: Transport) {
    let server = server(transport, "");
    let head = |length: usize| {
        format!("POST /login HTTP/1.1\r\n{FORM}Expect: 100-continue\r\nContent-Length: {length}\r\n\r\n")
    };
    let mut socket = Socket::connect(server.address());
    assert_eq!(socket.ask(head(70_000)).status, 413);
    let mut socket = Socket::connect(server.address());
    assert_eq!(socket.ask(head(30)).status, 100);
    let answer = socket.ask("username=ada&password=wrong+ho");
    assert_eq!((answer.status, answer.missing_headers()), (401, vec![]));
}
