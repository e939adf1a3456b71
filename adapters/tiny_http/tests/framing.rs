//! Requests whose length can be read in two ways.

mod common;

use common::Host;

/// Has more than 35 bytes, which are the longest body that one of the heads below declares.
const NEXT: &str = "GET /next HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// Header fields from which more than one length can be read.
const AMBIGUOUS: [&str; 17] = [
    "Content-Length: 5, 5",
    "Content-Length: abc",
    "Content-Length: -1",
    "Content-Length: +0",
    "Content-Length: 0x0",
    "Content-Length: ",
    "Content-Length: 99999999999999999999999",
    "Content-Length: 0\r\nContent-Length: 35",
    "Content-Length: 35\r\nContent-Length: 0",
    "Content-Length: 2000\r\nContent-Length: 0",
    "Content-Length: 35\r\nTransfer-Encoding: chunked",
    "Transfer-Encoding: chunked\r\nContent-Length: 0",
    "Transfer-Encoding: identity",
    "Transfer-Encoding: gzip, chunked",
    "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
    "Transfer-Encoding: \"chunked\"",
    "Transfer-Encoding: chunked\r\nConnection: upgrade",
];

#[test]
fn ambiguous_length_is_refused_and_never_reaches_the_service() {
    let host = Host::start();
    for head in AMBIGUOUS {
        for behind in [NEXT.to_owned(), format!("0\r\n\r\n{NEXT}")] {
            let mut client = host.send(format!("POST /x HTTP/1.1\r\n{head}\r\n\r\n{behind}"));
            let answer = client.answer();
            assert_eq!(
                (answer.status, answer.all("x-from")),
                (400, vec!["service"]),
                "{head}"
            );
            assert!(answer.closes(), "{head}");
        }
    }
    assert!(!host.probe.calls().contains(&"/x".to_owned()));
}

#[test]
fn chunked_body_on_http_1_0_is_refused() {
    let host = Host::start();
    let request = "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    assert_eq!(host.client().ask(request).status, 400);
}

#[test]
fn repeated_equal_length_is_one_length() {
    let host = Host::start();
    let mut client = host.client();
    let request = "POST /echo HTTP/1.1\r\nContent-Length: 3\r\ncontent-length: 3\r\n\r\nabc";
    assert_eq!(client.ask(request).text(), "abc");
    assert_eq!(client.get("/next").status, 200);
}

#[test]
fn requests_before_an_ambiguous_one_are_answered() {
    let host = Host::start();
    for _ in 0..100 {
        let before = "GET /before HTTP/1.1\r\n\r\n";
        let request = "POST /x HTTP/1.1\r\nContent-Length: 5, 5\r\n\r\n";
        let mut client = host.send(format!("{before}{before}{request}{NEXT}"));
        assert_eq!(client.answer().text(), "/before\n");
        assert_eq!(client.answer().text(), "/before\n");
        assert_eq!(client.answer().status, 400);
    }
    let before = host.probe.calls().into_iter().filter(|path| path == "/before");
    assert_eq!(before.count(), 200);
}
