//! TLS: HTTP/1 and HTTP/2, certificate reloads, and invalid certificate files.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail at once")]

mod support;
#[path = "support/tls_client.rs"]
mod tls_client;

use std::fs;
use std::io::{Read, Write};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, StatusCode};
use kunci_hyper::{Limits, TlsError, TlsFiles, bind};
use support::{TestServer, any_port, read_until_close};
use tls_client::{OneFrame, TestCertificate, connect, connect_with, get, http2, issue, run_client, send};
use tokio_rustls::rustls::version::TLS12;

/// The dev-dependencies enable TLS 1.2 in rustls, so the server has to refuse it.
#[test]
fn only_tls_1_3_is_accepted() {
    let certificate = TestCertificate::new();
    let server = certificate.server(Limits::default());
    let older = run_client(connect_with(&server, &certificate.trusted, "http/1.1", &TLS12));
    assert!(older.is_err(), "TLS 1.2 is accepted");
    assert!(run_client(connect(&server, &certificate.trusted, "http/1.1")).is_ok());
}

#[test]
fn client_chooses_http2_or_http1() {
    let certificate = TestCertificate::new();
    let server = certificate.server(Limits::default());
    assert!(server.addresses[0].starts_with("https://"));
    run_client(async {
        let sender = http2(&server, &certificate).await;
        let post = get("/a")
            .method("POST")
            .body(OneFrame(Some("abc".into())))
            .unwrap();
        assert_eq!(
            send(&sender, post).await,
            (StatusCode::OK, "POST /a 3".to_owned())
        );
        let host = send(&sender, get("/host").body(OneFrame(None)).unwrap()).await;
        assert_eq!(host.1, "Some(\"localhost\")");

        let mut stream = connect(&server, &certificate.trusted, "http/1.1").await.unwrap();
        let request = b"GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        tokio::io::AsyncWriteExt::write_all(&mut stream, request)
            .await
            .unwrap();
        let mut response = String::new();
        tokio::io::AsyncReadExt::read_to_string(&mut stream, &mut response)
            .await
            .unwrap();
        assert!(
            response.starts_with("HTTP/1.1 200") && response.ends_with("GET /a 0"),
            "{response}"
        );
    });
}

#[test]
fn http2_has_the_same_limits() {
    let certificate = TestCertificate::new();
    let server = certificate.server(Limits {
        body_time: Duration::from_millis(200),
        ..Limits::default()
    });
    run_client(async {
        let sender = http2(&server, &certificate).await;
        let body = |length: usize| OneFrame(Some(Bytes::from(vec![b'a'; length])));
        let post = || get("/a").method("POST");
        let fields = (0..101).fold(get("/a"), |request, number| {
            request.header(format!("x-{number}"), "a")
        });
        let cookie = HeaderValue::from_bytes(b"name=Jos\xe9").unwrap();
        let cookies = (0..150).fold(get("/a"), |request, _| request.header("cookie", &cookie));
        let cases = [
            ("many cookies", cookies.body(OneFrame(None)).unwrap(), 200),
            ("a body at the limit", post().body(body(65_536)).unwrap(), 200),
            ("a body above the limit", post().body(body(65_537)).unwrap(), 413),
            ("too many fields", fields.body(OneFrame(None)).unwrap(), 431),
            (
                "the refusal field",
                get("/a")
                    .header("kunci-refusal", "500")
                    .body(OneFrame(None))
                    .unwrap(),
                400,
            ),
            ("a panic", get("/panic").body(OneFrame(None)).unwrap(), 500),
        ];
        for (name, request, want) in cases {
            assert_eq!(send(&sender, request).await.0.as_u16(), want, "{name}");
        }
        assert_eq!(
            send(&sender, get("/a").body(OneFrame(None)).unwrap()).await.0,
            StatusCode::OK
        );
    });
}

#[test]
fn slow_http2_request_delays_no_other_and_survives_a_stop() {
    let certificate = TestCertificate::new();
    let server = certificate.server(Limits::default());
    run_client(async {
        let sender = http2(&server, &certificate).await;
        let slow = tokio::spawn({
            let sender = sender.clone();
            async move { send(&sender, get("/wait").body(OneFrame(None)).unwrap()).await }
        });
        let quick = send(&sender, get("/a").body(OneFrame(None)).unwrap()).await;
        assert_eq!(quick.1, "GET /a 0");
        let latch = server.latch.clone();
        tokio::task::spawn_blocking(move || latch.wait_for_requests(1))
            .await
            .unwrap();
        server.running.as_ref().unwrap().stop_handle().stop();
        server.latch.open();
        assert_eq!(slow.await.unwrap().1, "waited");
    });
}

#[test]
fn new_certificate_is_used_for_new_connections_only() {
    let certificate = TestCertificate::new();
    let server = certificate.server(Limits::default());
    let handle = server.running.as_ref().unwrap().stop_handle();
    run_client(async {
        let sender = http2(&server, &certificate).await;
        let renewed = issue(&certificate.folder);
        assert!(handle.reload_tls().unwrap());
        assert!(
            connect(&server, &certificate.trusted, "h2").await.is_err(),
            "the old certificate is still in use"
        );
        connect(&server, &renewed, "h2").await.unwrap();
        assert_eq!(
            send(&sender, get("/a").body(OneFrame(None)).unwrap()).await.1,
            "GET /a 0"
        );

        fs::write(certificate.files().cert, "no certificate").unwrap();
        assert!(handle.reload_tls().is_err());
        connect(&server, &renewed, "h2").await.unwrap();
    });
}

#[test]
fn reload_without_tls_does_nothing() {
    let server = TestServer::start(Limits::default());
    assert!(
        !server
            .running
            .as_ref()
            .unwrap()
            .stop_handle()
            .reload_tls()
            .unwrap()
    );
}

#[test]
fn client_without_a_handshake_is_dropped() {
    let certificate = TestCertificate::new();
    let server = certificate.server(Limits {
        handshake_time: Duration::from_millis(200),
        ..Limits::default()
    });
    assert_eq!(
        read_until_close(&mut server.connect()),
        "",
        "a client that sends nothing"
    );
    let mut plain = server.connect();
    plain.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut response = Vec::new();
    let _ = plain.read_to_end(&mut response);
    assert!(!response.starts_with(b"HTTP"), "a client without TLS");
}

#[test]
fn certificate_errors_do_not_show_the_key() {
    let certificate = TestCertificate::new();
    let (cert, key) = (
        fs::read_to_string(certificate.files().cert).unwrap(),
        fs::read_to_string(certificate.files().key).unwrap(),
    );
    let other = TestCertificate::new();
    let other_key = fs::read_to_string(other.files().key).unwrap();
    let half_key = &key[..key.len() / 2];
    for (cert, key, want) in [
        (None, Some(key.as_str()), "cannot read"),
        (Some(cert.as_str()), None, "cannot read"),
        (Some(""), Some(&key), "has no certificate"),
        (Some(key.as_str()), Some(&key), "has no certificate"),
        (Some(&cert), Some(""), "cannot read"),
        (Some(&cert), Some(half_key), "cannot read"),
        (Some(&cert), Some(&cert), "cannot read"),
        (Some(&cert), Some(&other_key), "cannot be used"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: Option<&str>| {
            let path = folder.path().join(name);
            if let Some(text) = text {
                fs::write(&path, text).unwrap();
            }
            path
        };
        let files = TlsFiles {
            cert: write("cert.pem", cert),
            key: write("key.pem", key),
        };
        let error: TlsError = bind(&[any_port()], Limits::default())
            .unwrap()
            .with_tls(files)
            .unwrap_err();
        let message = format!("{error} {error:?}");
        assert!(message.contains(want), "{message}");
        assert!(key.is_none_or(|key| {
            key.lines()
                .skip(1)
                .all(|line| line.len() < 8 || !message.contains(line))
        }));
    }
}
