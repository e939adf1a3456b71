//! TLS: both versions of HTTP, reloaded certificates, and unusable files.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail at once")]

mod support;

use std::fs;
use std::io::{Read, Write};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode, Version};
use hyper::body::{Body, Incoming};
use hyper::client::conn::http2;
use kunci_hyper::{Limits, TlsError, TlsFiles, bind};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use support::{Site, any_port, rest};
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};

/// A certificate for `localhost` in a folder, and its DER form for clients that trust only it.
struct Issued {
    folder: TempDir,
    trusted: CertificateDer<'static>,
}

impl Issued {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let trusted = issue(&folder);
        Self { folder, trusted }
    }

    fn files(&self) -> TlsFiles {
        TlsFiles {
            cert: self.folder.path().join("cert.pem"),
            key: self.folder.path().join("key.pem"),
        }
    }

    fn site(&self, limits: Limits) -> Site {
        Site::start_at(&[any_port()], limits, Some(self.files()))
    }
}

fn issue(folder: &TempDir) -> CertificateDer<'static> {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    fs::write(folder.path().join("cert.pem"), cert.pem()).unwrap();
    fs::write(folder.path().join("key.pem"), signing_key.serialize_pem()).unwrap();
    cert.der().clone()
}

/// Connects to the site as a client that trusts only one certificate.
async fn connect(
    site: &Site,
    trusted: &CertificateDer<'static>,
    protocol: &str,
) -> std::io::Result<TlsStream<TcpStream>> {
    connect_with(site, trusted, protocol, &TLS13).await
}

/// Connects like [`connect`], with one version of TLS.
async fn connect_with(
    site: &Site,
    trusted: &CertificateDer<'static>,
    protocol: &str,
    version: &'static SupportedProtocolVersion,
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![protocol.as_bytes().to_vec()];
    let stream = TcpStream::connect(site.address()).await?;
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, stream).await
}

/// Runs a test's client.
fn client<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async { tokio::time::timeout(support::PATIENCE, future).await.unwrap() })
}

/// A body of one piece.
struct Once(Option<Bytes>);

impl Body for Once {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<hyper::body::Frame<Bytes>, Self::Error>>> {
        std::task::Poll::Ready(self.0.take().map(|data| Ok(hyper::body::Frame::data(data))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_none()
    }
}

#[derive(Clone)]
struct Spawner;

impl<F: Future<Output = ()> + Send + 'static> hyper::rt::Executor<F> for Spawner {
    fn execute(&self, task: F) {
        tokio::spawn(task);
    }
}

type Sender = http2::SendRequest<Once>;

async fn http2(site: &Site, issued: &Issued) -> Sender {
    let stream = connect(site, &issued.trusted, "h2").await.unwrap();
    let (sender, connection) = http2::handshake(Spawner, Io(stream)).await.unwrap();
    tokio::spawn(connection);
    sender
}

fn get(path: &str) -> http::request::Builder {
    Request::get(format!("https://localhost{path}"))
}

async fn ask(sender: &Sender, request: Request<Once>) -> (StatusCode, String) {
    let response = sender.clone().send_request(request).await.unwrap();
    assert_eq!(response.version(), Version::HTTP_2);
    (response.status(), text(response.into_body()).await)
}

async fn text(mut body: Incoming) -> String {
    let mut text = String::new();
    while let Some(frame) = std::future::poll_fn(|cx| std::pin::Pin::new(&mut body).poll_frame(cx)).await {
        text.push_str(std::str::from_utf8(frame.unwrap().data_ref().unwrap()).unwrap());
    }
    text
}

/// This holds although this test makes rustls support TLS 1.2.
#[test]
fn only_tls_1_3_is_accepted() {
    let issued = Issued::new();
    let site = issued.site(Limits::default());
    let older = client(connect_with(&site, &issued.trusted, "http/1.1", &TLS12));
    assert!(older.is_err(), "TLS 1.2 is spoken");
    assert!(client(connect(&site, &issued.trusted, "http/1.1")).is_ok());
}

#[test]
fn client_chooses_http2_or_http1() {
    let issued = Issued::new();
    let site = issued.site(Limits::default());
    assert!(site.addresses[0].starts_with("https://"));
    client(async {
        let sender = http2(&site, &issued).await;
        let post = get("/a").method("POST").body(Once(Some("abc".into()))).unwrap();
        assert_eq!(ask(&sender, post).await, (StatusCode::OK, "POST /a 3".to_owned()));
        let host = ask(&sender, get("/host").body(Once(None)).unwrap()).await;
        assert_eq!(host.1, "Some(\"localhost\")");

        let mut stream = connect(&site, &issued.trusted, "http/1.1").await.unwrap();
        let request = b"GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        tokio::io::AsyncWriteExt::write_all(&mut stream, request)
            .await
            .unwrap();
        let mut answer = String::new();
        tokio::io::AsyncReadExt::read_to_string(&mut stream, &mut answer)
            .await
            .unwrap();
        assert!(
            answer.starts_with("HTTP/1.1 200") && answer.ends_with("GET /a 0"),
            "{answer}"
        );
    });
}

#[test]
fn http2_has_the_same_limits() {
    let issued = Issued::new();
    let site = issued.site(Limits {
        body_time: Duration::from_millis(200),
        ..Limits::default()
    });
    client(async {
        let sender = http2(&site, &issued).await;
        let body = |length: usize| Once(Some(Bytes::from(vec![b'a'; length])));
        let post = || get("/a").method("POST");
        let fields = (0..101).fold(get("/a"), |request, number| {
            request.header(format!("x-{number}"), "a")
        });
        let cases = [
            ("a body that fits", post().body(body(65_536)).unwrap(), 200),
            ("a body that does not", post().body(body(65_537)).unwrap(), 413),
            ("fields beyond all bounds", fields.body(Once(None)).unwrap(), 431),
            (
                "the gate's word",
                get("/a").header("kunci-refusal", "500").body(Once(None)).unwrap(),
                400,
            ),
            ("a panic", get("/panic").body(Once(None)).unwrap(), 500),
        ];
        for (name, request, want) in cases {
            assert_eq!(ask(&sender, request).await.0.as_u16(), want, "{name}");
        }
        assert_eq!(
            ask(&sender, get("/a").body(Once(None)).unwrap()).await.0,
            StatusCode::OK
        );
    });
}

#[test]
fn slow_http2_request_delays_no_other_and_a_stop_waits_for_it() {
    let issued = Issued::new();
    let site = issued.site(Limits::default());
    client(async {
        let sender = http2(&site, &issued).await;
        let slow = tokio::spawn({
            let sender = sender.clone();
            async move { ask(&sender, get("/wait").body(Once(None)).unwrap()).await }
        });
        let quick = ask(&sender, get("/a").body(Once(None)).unwrap()).await;
        assert_eq!(quick.1, "GET /a 0");
        let latch = site.latch.clone();
        tokio::task::spawn_blocking(move || latch.until_waiting(1))
            .await
            .unwrap();
        site.running.as_ref().unwrap().stop_handle().stop();
        site.latch.open();
        assert_eq!(slow.await.unwrap().1, "waited");
    });
}

#[test]
fn new_certificate_is_used_for_new_connections_only() {
    let issued = Issued::new();
    let site = issued.site(Limits::default());
    let handle = site.running.as_ref().unwrap().stop_handle();
    client(async {
        let sender = http2(&site, &issued).await;
        let fresh = issue(&issued.folder);
        assert!(handle.reload_tls().unwrap());
        assert!(
            connect(&site, &issued.trusted, "h2").await.is_err(),
            "the former one is still shown"
        );
        connect(&site, &fresh, "h2").await.unwrap();
        assert_eq!(
            ask(&sender, get("/a").body(Once(None)).unwrap()).await.1,
            "GET /a 0"
        );

        fs::write(issued.files().cert, "no certificate").unwrap();
        assert!(handle.reload_tls().is_err());
        connect(&site, &fresh, "h2").await.unwrap();
    });
}

#[test]
fn reload_without_a_certificate_does_nothing() {
    let site = Site::start(Limits::default());
    assert!(!site.running.as_ref().unwrap().stop_handle().reload_tls().unwrap());
}

#[test]
fn client_without_a_handshake_is_dropped() {
    let issued = Issued::new();
    let site = issued.site(Limits {
        handshake_time: Duration::from_millis(200),
        ..Limits::default()
    });
    assert_eq!(rest(&mut site.connect()), "", "silence");
    let mut plain = site.connect();
    plain.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    let _ = plain.read_to_end(&mut answer);
    assert!(!answer.starts_with(b"HTTP"), "plain HTTP");
}

#[test]
fn errors_of_certificate_files_do_not_show_the_key() {
    let issued = Issued::new();
    let (cert, key) = (
        fs::read_to_string(issued.files().cert).unwrap(),
        fs::read_to_string(issued.files().key).unwrap(),
    );
    let other = Issued::new();
    let other_key = fs::read_to_string(other.files().key).unwrap();
    let half = &key[..key.len() / 2];
    for (cert, key, want) in [
        (None, Some(key.as_str()), "cannot read"),
        (Some(cert.as_str()), None, "cannot read"),
        (Some(""), Some(&key), "has no certificate"),
        (Some(key.as_str()), Some(&key), "has no certificate"),
        (Some(&cert), Some(""), "cannot read"),
        (Some(&cert), Some(half), "cannot read"),
        (Some(&cert), Some(&cert), "cannot read"),
        (Some(&cert), Some(&other_key), "cannot be used"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let put = |name: &str, text: Option<&str>| {
            let path = folder.path().join(name);
            if let Some(text) = text {
                fs::write(&path, text).unwrap();
            }
            path
        };
        let files = TlsFiles {
            cert: put("cert.pem", cert),
            key: put("key.pem", key),
        };
        let error: TlsError = bind(&[any_port()], Limits::default())
            .unwrap()
            .with_tls(files)
            .unwrap_err();
        let told = format!("{error} {error:?}");
        assert!(told.contains(want), "{told}");
        assert!(key.is_none_or(|key| {
            key.lines()
                .skip(1)
                .all(|line| line.len() < 8 || !told.contains(line))
        }));
    }
}

/// Adapts a tokio stream to hyper.
struct Io(TlsStream<TcpStream>);

impl hyper::rt::Read for Io {
    fn poll_read(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
        mut into: hyper::rt::ReadBufCursor<'_>,
    ) -> std::task::Poll<std::io::Result<()>> {
        let mut bytes = [0; 4096];
        let room = bytes.len().min(into.remaining());
        let mut buffer = tokio::io::ReadBuf::new(&mut bytes[..room]);
        std::task::ready!(std::pin::Pin::new(&mut self.0).poll_read(cx, &mut buffer))?;
        into.put_slice(buffer.filled());
        std::task::Poll::Ready(Ok(()))
    }
}

impl hyper::rt::Write for Io {
    fn poll_write(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
        bytes: &[u8],
    ) -> std::task::Poll<std::io::Result<usize>> {
        std::pin::Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_flush(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<std::io::Result<()>> {
        std::pin::Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<std::io::Result<()>> {
        std::pin::Pin::new(&mut self.0).poll_shutdown(cx)
    }
}
