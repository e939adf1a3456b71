//! Slow requests and slow clients do not delay quick requests.

mod common;

use common::{Host, PATIENCE};
use kunci_tiny_http::{Limits, Listen};

fn few() -> Limits {
    Limits {
        quick_workers: 2,
        slow_workers: 1,
        slow_queue: 1,
        body_readers: 1,
        ..Limits::default()
    }
}

const SLOW: &str = "POST /slow HTTP/1.1\r\nAccept: text/html\r\n\r\n";
const STALLED: &str = "POST /echo HTTP/1.1\r\nContent-Length: 2000\r\n\r\nabc";

#[test]
fn full_queue_refuses_slow_requests_only() {
    let host = Host::with(few());
    let mut first = host.send(SLOW);
    host.probe.wait_entered(1);
    // Of the next three, one waits and two are refused; any of them can be the one that waits.
    let mut others = [host.send(SLOW), host.send(SLOW), host.send(SLOW)];
    let mut refused = 0;
    for _ in 0..3 {
        assert_eq!(host.client().get("/quick").status, 200);
    }
    host.probe.open_gate();
    for other in &mut others {
        let answer = other.answer();
        if answer.status == 503 {
            assert_eq!(answer.text(), "refused 503 for text/html");
            assert!(!answer.closes());
            refused += 1;
        } else {
            assert_eq!(answer.text(), "/slow");
        }
    }
    assert_eq!(refused, 2);
    assert_eq!(first.answer().text(), "/slow");
    // Then there is room again.
    assert_eq!(others[0].ask(SLOW).text(), "/slow");
}

#[test]
fn missing_bodies_delay_no_other_requests() {
    let host = Host::with(few());
    host.probe.open_gate();
    let stalled: Vec<_> = (0..4).map(|_| host.send(STALLED)).collect();
    for _ in 0..10 {
        assert_eq!(host.client().get("/quick").status, 200);
        assert_eq!(host.client().ask(SLOW).status, 200);
    }
    // One is being read, the others are refused.
    let mut refused = 0;
    for mut client in stalled {
        client.patience(PATIENCE / 100);
        if let Ok(answer) = client.try_answer(false) {
            assert_eq!((answer.status, answer.closes()), (503, true));
            refused += 1;
        }
    }
    assert!((2..=3).contains(&refused), "{refused}");
}

#[test]
fn client_that_reads_no_answers_loses_its_connection() {
    let host = Host::with(few());
    // The responses are far larger than all buffers.
    let mut deaf = host.send("GET /big HTTP/1.1\r\n\r\n".repeat(100));
    for _ in 0..20 {
        assert_eq!(host.client().get("/quick").status, 200);
    }
    assert!(deaf.rest().len() < 100 << 20, "all answers were sent");
}

#[test]
fn requests_do_not_wait_for_one_stuck_worker() {
    // A request that blocks although `may_block` denies it holds one worker.
    let folder = tempfile::tempdir().unwrap();
    for listen in [
        Listen::Tcp(([127, 0, 0, 1], 0).into()),
        Listen::Unix(folder.path().join("s")),
    ] {
        let host = Host::on(
            &listen,
            Limits {
                quick_workers: 4,
                ..few()
            },
        );
        let mut stuck = [
            host.send("GET /stuck HTTP/1.1\r\n\r\n"),
            host.send("GET /stuck HTTP/1.1\r\n\r\n"),
        ];
        host.probe.wait_entered(2);
        for _ in 0..20 {
            assert_eq!(host.client().get("/quick").status, 200);
        }
        host.probe.open_gate();
        for client in &mut stuck {
            assert_eq!(client.answer().text(), "/stuck");
        }
    }
}
