//! Ambiguous messages, each with a second request behind it.

use std::time::Duration;

use super::{PING, PROMPT, server, serves_promptly};
use crate::support::{Answer, Server, Socket, Transport, for_each_transport};

for_each_transport!(
    ambiguous_heads_are_refused_or_documented,
    unsupported_versions_are_refused,
    malformed_chunks_are_refused,
    repeated_equal_length_is_one_length_or_refused,
);

/// The behaviour of tiny_http. hyper refuses all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tiny {
    /// Kunci's own 400, with `Connection: close`.
    Refuses,
    /// tiny_http's own 400, without Kunci's headers.
    RefusesBarely,
    /// Accepted as if it were well-formed, and the request behind it is answered.
    Takes,
    /// No response.
    Hangs,
}
use Tiny::{Hangs, Refuses, RefusesBarely, Takes};

type Case = (&'static str, Tiny, &'static str);

/// The text `ACCEPT` stands for a line of that name.
#[rustfmt::skip]
const HEADS: &[Case] = &[
    ("two lengths", Refuses, "POST /login HTTP/1.1\r\nHost: x\r\nACCEPTContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcde"),
    ("a list of lengths", Refuses, "POST /login HTTP/1.1\r\nHost: x\r\nACCEPTContent-Length: 5, 6\r\n\r\nabcde"),
    ("a length with a sign", Refuses, "POST /login HTTP/1.1\r\nHost: x\r\nACCEPTContent-Length: +5\r\n\r\nabcde"),
    ("a negative length", Refuses, "POST /login HTTP/1.1\r\nHost: x\r\nACCEPTContent-Length: -1\r\n\r\n"),
    ("a length that is hexadecimal", Refuses, "POST /login HTTP/1.1\r\nHost: x\r\nACCEPTContent-Length: 0x5\r\n\r\nabcde"),
    ("an empty length", Refuses, "POST /login HTTP/1.1\r\nHost: x\r\nACCEPTContent-Length:\r\n\r\n"),
    ("a length before a coding", Refuses, "POST /login HTTP/1.1\r\nHost: x\r\nACCEPTContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    ("a length after a coding", Refuses, "POST /login HTTP/1.1\r\nHost: x\r\nACCEPTTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"),
    ("chunked and then identity", Refuses, "POST /login HTTP/1.1\r\nHost: x\r\nACCEPTTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"),
    ("identity", Refuses, "POST /login HTTP/1.1\r\nHost: x\r\nACCEPTTransfer-Encoding: identity\r\n\r\n"),
    ("a coding that nobody undoes", Refuses, "POST /login HTTP/1.1\r\nHost: x\r\nACCEPTTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
    ("chunked twice", Refuses, "POST /login HTTP/1.1\r\nHost: x\r\nACCEPTTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    ("nearly chunked", Refuses, "POST /login HTTP/1.1\r\nHost: x\r\nACCEPTTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
    ("chunked in quotes", Refuses, "POST /login HTTP/1.1\r\nHost: x\r\nACCEPTTransfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n"),
    ("chunked after a vertical tab", Refuses, "POST /login HTTP/1.1\r\nHost: x\r\nACCEPTTransfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n"),
    ("chunked on HTTP/1.0", Refuses, "POST /login HTTP/1.0\r\nHost: x\r\nACCEPTTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    ("CR in a value", Refuses, "GET /profile HTTP/1.1\r\nHost: x\r\nACCEPTX: a\rb\r\n\r\n"),
    ("CR as the end of a line", Refuses, "GET /profile HTTP/1.1\r\nHost: x\r\nACCEPTX: y\rContent-Length: 5\r\n\r\n"),
    ("LF as the end of every line", RefusesBarely, "GET /profile HTTP/1.1\nHost: x\n\n"),
    ("LF as the end of a line", Refuses, "GET /profile HTTP/1.1\r\nHost: x\r\nACCEPTX: y\nContent-Length: 5\r\n\r\n"),
    ("LF as the end of the last line", RefusesBarely, "GET /profile HTTP/1.1\r\nHost: x\r\nACCEPTX: y\r\n\n"),
    ("a space before the colon", RefusesBarely, "GET /profile HTTP/1.1\r\nHost: x\r\nACCEPTX : y\r\n\r\n"),
    ("a space in the name of a length", RefusesBarely, "POST /login HTTP/1.1\r\nHost: x\r\nACCEPTContent-Length : 5\r\n\r\nabcde"),
    ("a folded line", RefusesBarely, "GET /profile HTTP/1.1\r\nHost: x\r\nACCEPTX: y\r\n z\r\n\r\n"),
    ("a folded coding", RefusesBarely, "POST /login HTTP/1.1\r\nHost: x\r\nACCEPTTransfer-Encoding:\r\n\tchunked\r\n\r\n0\r\n\r\n"),
    ("a folded first line", Takes, "GET /profile HTTP/1.1\r\n Host: x\r\nACCEPT\r\n"),
    ("NUL in a value", Refuses, "GET /profile HTTP/1.1\r\nHost: x\r\nACCEPTX: a\0b\r\n\r\n"),
    ("NUL in a name", Refuses, "GET /profile HTTP/1.1\r\nHost: x\r\nACCEPTX\0: y\r\n\r\n"),
    ("a field without a colon", RefusesBarely, "GET /profile HTTP/1.1\r\nHost: x\r\nACCEPTnonsense\r\n\r\n"),
    ("a field without a name", Refuses, "GET /profile HTTP/1.1\r\nHost: x\r\nACCEPT: y\r\n\r\n"),
    ("no Host", Takes, "GET /profile HTTP/1.1\r\nACCEPT\r\n"),
    ("two Hosts", Takes, "GET /profile HTTP/1.1\r\nHost: x\r\nHost: y\r\nACCEPT\r\n"),
    ("the same Host twice", Takes, "GET /profile HTTP/1.1\r\nHost: x\r\nHost: x\r\nACCEPT\r\n"),
    ("a Host with a path", Takes, "GET /profile HTTP/1.1\r\nHost: x/y\r\nACCEPT\r\n"),
    ("a Host with a user", Takes, "GET /profile HTTP/1.1\r\nHost: a@b\r\nACCEPT\r\n"),
    ("a Host with a space", Takes, "GET /profile HTTP/1.1\r\nHost: a b\r\nACCEPT\r\n"),
    ("a list of Hosts", Takes, "GET /profile HTTP/1.1\r\nHost: x, y\r\nACCEPT\r\n"),
    ("two spaces in the request line", RefusesBarely, "GET  /profile HTTP/1.1\r\nHost: x\r\nACCEPT\r\n"),
    ("tabs in the request line", RefusesBarely, "GET\t/profile\tHTTP/1.1\r\nHost: x\r\nACCEPT\r\n"),
];

#[rustfmt::skip]
const VERSIONS: &[Case] = &[
    ("2.0", Hangs, "GET /profile HTTP/2.0\r\nHost: x\r\nACCEPT\r\n"),
    ("the preface of 2", Hangs, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    ("1.2", RefusesBarely, "GET /profile HTTP/1.2\r\nHost: x\r\nACCEPT\r\n"),
    ("3.0", Hangs, "GET /profile HTTP/3.0\r\nHost: x\r\nACCEPT\r\n"),
    ("none", RefusesBarely, "GET /profile\r\nHost: x\r\nACCEPT\r\n"),
    ("0.9", Takes, "GET /profile HTTP/0.9\r\nHost: x\r\nACCEPT\r\n"),
    ("in small letters", RefusesBarely, "GET /profile http/1.1\r\nHost: x\r\nACCEPT\r\n"),
    ("with a sign", RefusesBarely, "GET /profile HTTP/+1.1\r\nHost: x\r\nACCEPT\r\n"),
];

/// Malformed chunks.
const CHUNKS: &[(&str, &str)] = &[
    ("no number", "x\r\nabc\r\n0\r\n\r\n"),
    ("a number with a prefix", "0x3\r\nabc\r\n0\r\n\r\n"),
    ("a number with a sign", "+3\r\nabc\r\n0\r\n\r\n"),
    ("a negative number", "-1\r\nabc\r\n0\r\n\r\n"),
    ("nothing", "\r\nabc\r\n0\r\n\r\n"),
    ("17 digits", "fffffffffffffffff\r\nabc\r\n0\r\n\r\n"),
    ("a number that overflows to zero", "10000000000000000\r\n\r\n"),
    ("a line that ends with LF", "3\nabc\r\n0\r\n\r\n"),
    ("more than was said", "3\r\nabcd\r\n0\r\n\r\n"),
    ("an LF in an extension", "3;a\nb\r\nabc\r\n0\r\n\r\n"),
];

fn ambiguous_heads_are_refused_or_documented(transport: Transport) {
    let server = server(transport, "");
    for case in HEADS {
        check(&server, transport, case, &[400]);
    }
    serves_promptly(&server);
}

fn unsupported_versions_are_refused(transport: Transport) {
    let server = server(transport, "");
    for case in VERSIONS {
        check(&server, transport, case, &[400, 505]);
    }
    serves_promptly(&server);
}

fn malformed_chunks_are_refused(transport: Transport) {
    let server = server(transport, "");
    let head = "POST /login HTTP/1.1\r\nHost: x\r\nACCEPTTransfer-Encoding: chunked\r\n\r\n";
    for (name, body) in CHUNKS {
        match transport {
            // It refuses every chunked body, and closes the connection.
            Transport::TinyHttp => {
                let mut socket = Socket::connect(server.address());
                let _ = socket.send(head.replace("ACCEPT", "") + body + PING);
                let answer = socket.answer();
                assert!([400, 411].contains(&answer.status), "{name}: {answer:?}");
                is_ours(name, &answer);
                socket.finish();
                assert_eq!(socket.answers().len(), 0, "{name}");
            }
            Transport::Hyper => check(
                &server,
                transport,
                &(name, Refuses, &format!("{head}{body}")),
                &[400],
            ),
        }
    }
    serves_promptly(&server);
}

/// RFC 9110, section 8.6, allows both. The lengths must not be added or read as two bodies.
fn repeated_equal_length_is_one_length_or_refused(transport: Transport) {
    let server = server(transport, "");
    let head = "POST /logout HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\n";
    let mut socket = Socket::connect(server.address());
    socket.send(format!("{head}abc{PING}")).unwrap();
    socket.finish();
    let statuses: Vec<_> = socket.answers().iter().map(|answer| answer.status).collect();
    assert!(
        [&[400][..], &[200, 200], &[415, 200]].contains(&&*statuses),
        "{statuses:?}"
    );
}

const FORMS: [(&str, &str); 3] = [
    ("*/*", "text/plain; charset=utf-8"),
    ("text/html", "text/html; charset=utf-8"),
    ("application/json", "application/json"),
];

/// Sends the request with each `Accept` value, with another request behind it.
#[track_caller]
fn check(
    server: &Server,
    transport: Transport,
    (name, tiny, request): &(&str, Tiny, &str),
    statuses: &[u16],
) {
    let sent = FORMS.map(|(accept, _)| {
        let mut socket = Socket::connect(server.address());
        // The server may close the connection before it has read the request behind.
        let _ = socket.send(request.replace("ACCEPT", &format!("Accept: {accept}\r\n")) + PING);
        socket
    });
    match transport {
        Transport::TinyHttp => check_tiny(name, *tiny, sent),
        Transport::Hyper => {
            for (socket, (accept, kind)) in sent.into_iter().zip(FORMS) {
                let answer = check_hyper(name, statuses, socket);
                let got = answer.header("content-type");
                let asks = request.contains("ACCEPT");
                assert!(!asks || got == Some(kind), "{name}: {got:?} for {accept}");
            }
        }
    }
}

/// Checks that hyper refuses the request and closes the connection.
#[track_caller]
fn check_hyper(name: &str, statuses: &[u16], mut socket: Socket) -> Answer {
    assert!(socket.comes_within(PROMPT).is_some(), "{name}: nothing comes");
    let answer = socket.answer();
    assert!(statuses.contains(&answer.status), "{name}: {answer:?}");
    assert_eq!(answer.header("connection"), Some("close"), "{name}");
    is_ours(name, &answer);
    assert!(socket.comes_within(PROMPT).is_some(), "{name}: it stays open");
    assert_eq!(socket.answers().len(), 0, "{name}");
    answer
}

/// Checks the behaviour of tiny_http, which does not close such a connection.
#[track_caller]
fn check_tiny(name: &str, tiny: Tiny, mut sent: [Socket; 3]) {
    if tiny == Hangs {
        for socket in &mut sent {
            assert!(socket.comes_within(Duration::from_millis(50)).is_none(), "{name}");
        }
        return;
    }
    // The end of the stream would change how some of these are read, so the response is read first.
    let firsts = sent.each_mut().map(Socket::answer);
    sent.iter_mut().for_each(Socket::finish);
    for (first, mut socket) in firsts.iter().zip(sent) {
        check_answers(name, tiny, first, &socket.answers());
    }
}

#[track_caller]
fn check_answers(name: &str, tiny: Tiny, first: &Answer, behind: &[Answer]) {
    let is_bare =
        |answer: &Answer| answer.status == 400 && answer.header("server") == Some("tiny-http (Rust)");
    match tiny {
        Refuses => {
            // It refuses every chunked body with 411.
            let statuses = if name.starts_with("chunked") {
                [400, 411]
            } else {
                [400, 400]
            };
            assert!(statuses.contains(&first.status), "{name}: {first:?}");
            assert!(closes(first), "{name}: {first:?}");
            is_ours(name, first);
        }
        RefusesBarely => assert!(
            is_bare(first) && behind.iter().all(is_bare),
            "{name}: {first:?}, {behind:?}"
        ),
        Takes => {
            assert_ne!(first.status, 400, "{name}");
            assert_eq!(behind[0].body, "ok\n", "{name}: {behind:?}");
        }
        Hangs => panic!("{name}: {first:?}"),
    }
}

/// Returns whether any `Connection` field says so; tiny_http may add one of its own.
fn closes(answer: &Answer) -> bool {
    let mut fields = answer.headers.iter();
    fields.any(|(name, value)| name.eq_ignore_ascii_case("connection") && value.eq_ignore_ascii_case("close"))
}

#[track_caller]
fn is_ours(name: &str, answer: &Answer) {
    assert_eq!(answer.missing_headers(), [""; 0], "{name}: {answer:?}");
}
