//! Declared lengths that no process can allocate. tiny_http would abort the process.

mod common;

use common::child::{Server, serve_if_child};
use kunci_tiny_http::Limits;

fn declaring(length: &str) -> String {
    format!("POST / HTTP/1.1\r\nContent-Length: {length}\r\n\r\nabc")
}

#[test]
fn huge_length_is_refused_and_the_connection_closed() {
    serve_if_child(Limits::default());
    let server = Server::start("huge_length_is_refused_and_the_connection_closed", "true");
    let lengths = [
        "99999999999999",
        "9999999999999999999",
        "18446744073709551615",
        "9223372036854775807",
        "67108865",
        "1099511627776",
    ];
    for round in 0..20 {
        for length in lengths {
            let mut client = server.client();
            let answer = client.ask(declaring(length));
            assert_eq!(
                (answer.status, answer.text()),
                (413, "refused 413 for -"),
                "{length}"
            );
            assert!(answer.closes());
            if round % 2 == 0 {
                client.finish();
            }
            assert_eq!(client.rest(), b"", "{length}");
        }
        assert_eq!(server.client().get("/next").status, 200);
    }
}

#[test]
fn large_length_keeps_no_connection() {
    serve_if_child(Limits::default());
    // Kept connections would use up these descriptors.
    let server = Server::start("large_length_keeps_no_connection", "ulimit -n 100");
    for _ in 0..100 {
        let mut client = server.client();
        assert_eq!(client.ask(declaring("67108864")).status, 413);
        client.finish();
        assert_eq!(client.rest(), b"");
    }
    assert_eq!(server.client().get("/next").status, 200);
}

#[test]
fn length_beyond_every_number_is_malformed() {
    serve_if_child(Limits::default());
    let server = Server::start("length_beyond_every_number_is_malformed", "true");
    for length in ["18446744073709551616", "99999999999999999999999999"] {
        assert_eq!(server.client().ask(declaring(length)).status, 400);
    }
    assert_eq!(server.client().get("/next").status, 200);
}
