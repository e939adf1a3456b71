//! Declared lengths that nobody could allocate: tiny_http would abort the process.
//! Leaves out lengths within reason.

mod common;

use std::io::Write;

use common::child::{Server, serve_if_child};
use kunci_tiny_http::Limits;

fn limits() -> Limits {
    Limits { ..Limits::default() }
}

fn declaring(length: &str) -> String {
    format!("POST / HTTP/1.1\r\nContent-Length: {length}\r\n\r\nabc")
}

#[test]
fn a_huge_length_is_refused_and_the_server_lives_until_too_many_are_lost() {
    serve_if_child(limits());
    let name = "a_huge_length_is_refused_and_the_server_lives_until_too_many_are_lost";
    let server = Server::start(name, "true");
    let lengths = [
        "99999999999999",
        "9999999999999999999",
        "18446744073709551615",
        "9223372036854775807",
        "67108865",
        "1099511627776",
    ];
    for round in 0..4 {
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
        }
        assert_eq!(server.client().get("/next").status, 200);
    }
    // One more than may be lost: it is answered, and then the server ends in good order.
    let mut begun = server.client();
    begun.write_all(b"GET /quick HTTP/1.1\r\n\r\n").unwrap();
    assert_eq!(begun.answer().status, 200);
    assert_eq!(server.client().ask(declaring("99999999999999")).status, 413);
    let (code, errors) = server.end();
    assert_eq!(code, Some(7), "{errors}");
    assert!(
        errors.contains("ended: 25 connections are lost for good"),
        "{errors}"
    );
}

#[test]
fn a_length_that_can_be_skipped_loses_nothing() {
    serve_if_child(limits());
    let server = Server::start("a_length_that_can_be_skipped_loses_nothing", "true");
    for round in 0..40 {
        let mut client = server.client();
        let answer = client.ask(declaring("67108864"));
        assert_eq!(answer.status, 413);
        if round % 2 == 0 {
            client.finish();
            assert_eq!(client.rest(), b"");
        }
    }
    assert_eq!(server.client().get("/next").status, 200);
}

#[test]
fn a_length_beyond_every_number_is_malformed() {
    serve_if_child(limits());
    let server = Server::start("a_length_beyond_every_number_is_malformed", "true");
    for length in ["18446744073709551616", "99999999999999999999999999"] {
        assert_eq!(server.client().ask(declaring(length)).status, 400);
    }
    assert_eq!(server.client().get("/next").status, 200);
}
