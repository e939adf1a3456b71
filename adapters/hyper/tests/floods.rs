//! Floods of HTTP/2 frames: the connection is closed, and other clients are served.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail at once")]

mod support;
#[path = "support/tls_client.rs"]
mod tls_client;

use std::time::Duration;

use http::StatusCode;
use kunci_hyper::Limits;
use support::TestServer;
use tls_client::{OneFrame, TestCertificate, connect, get, http2, run_client, send};
use tokio::io::AsyncWriteExt;
use tokio::time::timeout;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// More frames than any client may send without requests. The server closes the connection much earlier.
const FLOOD: usize = 200_000;

/// How long the server may take to close a connection. An idle one is closed much later.
const CLOSING_TIME: Duration = Duration::from_secs(10);

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let [.., high, middle, low] = payload.len().to_be_bytes();
    let mut frame = vec![high, middle, low, kind, flags];
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// Returns a `HEADERS` frame for `POST https://localhost/`. Its stream stays open.
fn headers(flags: u8, stream: u32) -> Vec<u8> {
    frame(1, flags, stream, b"\x83\x87\x84\x41\x09localhost")
}

/// What is sent first, and then the frame that is sent again and again.
fn floods() -> Vec<(&'static str, Vec<u8>, Vec<u8>)> {
    let open = || headers(4, 1);
    let cancelled = |n: u32| [headers(4, 2 * n + 1), frame(3, 0, 2 * n + 1, b"\0\0\0\x08")].concat();
    vec![
        ("PING", vec![], frame(6, 0, 0, b"12345678")),
        ("acknowledgements of PING", vec![], frame(6, 1, 0, b"12345678")),
        ("empty SETTINGS", vec![], frame(4, 0, 0, b"")),
        (
            "full SETTINGS",
            vec![],
            frame(4, 0, 0, &b"\0\x01\0\0\x10\0".repeat(9)),
        ),
        ("empty DATA", open(), frame(0, 0, 1, b"")),
        ("padded DATA", open(), frame(0, 8, 1, b"\x03\0\0\0")),
        ("empty CONTINUATION", headers(0, 1), frame(9, 0, 1, b"")),
        (
            "WINDOW_UPDATE of the connection",
            vec![],
            frame(8, 0, 0, b"\0\0\0\x01"),
        ),
        ("WINDOW_UPDATE of a stream", open(), frame(8, 0, 1, b"\0\0\0\x01")),
        ("PRIORITY", vec![], frame(2, 0, 3, b"\0\0\0\0\x10")),
        ("unknown frames", vec![], frame(0xf0, 0, 0, b"")),
        (
            "cancelled requests",
            (0..20_000).flat_map(cancelled).collect(),
            vec![],
        ),
        ("GOAWAY", vec![], frame(7, 0, 0, &[0; 8])),
    ]
}

/// Sends `first` and then `again` until the server closes the connection. Returns whether it does.
async fn is_closed(server: &TestServer, certificate: &TestCertificate, first: &[u8], again: &[u8]) -> bool {
    let stream = connect(server, &certificate.trusted, "h2").await.unwrap();
    let (mut reader, mut writer) = tokio::io::split(stream);
    // The server would also close the connection if the client did not read.
    let reading = tokio::spawn(async move { tokio::io::copy(&mut reader, &mut tokio::io::sink()).await });
    let start = [PREFACE, &frame(4, 0, 0, b""), first].concat();
    let _ = writer.write_all(&start).await;
    let pieces = again.repeat(100);
    for _ in 0..FLOOD / 100 {
        if writer.write_all(&pieces).await.is_err() {
            break;
        }
    }
    timeout(CLOSING_TIME, reading).await.is_ok()
}

#[test]
fn floods_of_http2_frames_are_closed() {
    let certificate = TestCertificate::new();
    let server = certificate.server(Limits::default());
    run_client(async {
        let other = http2(&server, &certificate).await;
        for (name, first, again) in floods() {
            assert!(is_closed(&server, &certificate, &first, &again).await, "{name}");
            let answer = send(&other, get("/a").body(OneFrame(None)).unwrap()).await;
            assert_eq!(answer, (StatusCode::OK, "GET /a 0".to_owned()), "{name}");
        }
    });
}

#[test]
fn thousands_of_requests_fit_on_one_http2_connection() {
    let certificate = TestCertificate::new();
    let server = certificate.server(Limits::default());
    run_client(async {
        let client = http2(&server, &certificate).await;
        for _ in 0..4_000 {
            let post = get("/a").method("POST");
            let post = post.body(OneFrame(Some("name=ada".into()))).unwrap();
            assert_eq!(
                send(&client, post).await,
                (StatusCode::OK, "POST /a 8".to_owned())
            );
        }
    });
}
