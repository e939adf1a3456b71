//! Panics of the service.

mod common;

use common::Host;
use kunci_tiny_http::Limits;

#[test]
fn panic_results_in_500_and_the_worker_lives_on() {
    let host = Host::with(Limits {
        quick_workers: 1,
        ..Limits::default()
    });
    let mut client = host.client();
    for _ in 0..3 {
        let answer = client.ask("GET /panic HTTP/1.1\r\nAccept: text/html\r\n\r\n");
        assert_eq!((answer.status, answer.text()), (500, "refused 500 for text/html"));
        assert_eq!(answer.all("x-from"), ["service"]);
        assert_eq!(client.get("/next").status, 200);
    }
}

#[test]
fn second_panic_results_in_a_minimal_500() {
    let host = Host::with(Limits {
        quick_workers: 1,
        ..Limits::default()
    });
    let mut client = host.client();
    let answer = client.get("/panic-twice");
    assert_eq!((answer.status, answer.text()), (500, "Internal Server Error\n"));
    assert_eq!(answer.all("content-type"), ["text/plain; charset=utf-8"]);
    assert_eq!(answer.all("cache-control"), ["no-store"]);
    assert!(answer.all("x-from").is_empty());
    assert_eq!(client.get("/next").status, 200);
}

#[test]
fn panic_while_rendering_a_refusal_keeps_its_status() {
    let host = Host::start();
    let answer = host.client().ask("GET /panic-twice HTTP/1.1\r\nX: \0\r\n\r\n");
    assert_eq!((answer.status, answer.text()), (400, "Bad Request\n"));
}
