//! Certificates for tests, and clients that trust them.

use std::fs;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, StatusCode, Version};
use hyper::body::{Body, Incoming};
use hyper::client::conn::http2;
use kunci_hyper::{Limits, TlsFiles};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::version::TLS13;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};

use crate::support::{TEST_TIMEOUT, TestServer, any_port};

/// A self-signed certificate for `localhost` in a folder, and its DER form for clients that trust only it.
pub(crate) struct TestCertificate {
    pub(crate) folder: TempDir,
    pub(crate) trusted: CertificateDer<'static>,
}

impl TestCertificate {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let trusted = issue(&folder);
        Self { folder, trusted }
    }

    pub(crate) fn files(&self) -> TlsFiles {
        TlsFiles {
            cert: self.folder.path().join("cert.pem"),
            key: self.folder.path().join("key.pem"),
        }
    }

    pub(crate) fn server(&self, limits: Limits) -> TestServer {
        TestServer::start_at(&[any_port()], limits, Some(self.files()))
    }
}

/// Creates a certificate and its key in the folder.
pub(crate) fn issue(folder: &TempDir) -> CertificateDer<'static> {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    fs::write(folder.path().join("cert.pem"), cert.pem()).unwrap();
    fs::write(folder.path().join("key.pem"), signing_key.serialize_pem()).unwrap();
    cert.der().clone()
}

/// Connects to the server as a client that trusts only one certificate.
pub(crate) async fn connect(
    server: &TestServer,
    trusted: &CertificateDer<'static>,
    protocol: &str,
) -> std::io::Result<TlsStream<TcpStream>> {
    connect_with(server, trusted, protocol, &TLS13).await
}

/// Connects like [`connect`], but with the given version of TLS.
pub(crate) async fn connect_with(
    server: &TestServer,
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
    let stream = TcpStream::connect(server.address()).await?;
    stream.set_nodelay(true)?;
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, stream).await
}

/// Runs the client side of a test, with a timeout.
pub(crate) fn run_client<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async { tokio::time::timeout(TEST_TIMEOUT, future).await.unwrap() })
}

/// A request body in one piece, or none.
pub(crate) struct OneFrame(pub(crate) Option<Bytes>);

impl Body for OneFrame {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<hyper::body::Frame<Bytes>, Self::Error>>> {
        Poll::Ready(self.0.take().map(|data| Ok(hyper::body::Frame::data(data))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_none()
    }
}

/// Spawns hyper's tasks on tokio.
#[derive(Clone)]
struct Spawner;

impl<F: Future<Output = ()> + Send + 'static> hyper::rt::Executor<F> for Spawner {
    fn execute(&self, task: F) {
        tokio::spawn(task);
    }
}

pub(crate) type Sender = http2::SendRequest<OneFrame>;

/// Opens an HTTP/2 connection to the server.
pub(crate) async fn http2(server: &TestServer, certificate: &TestCertificate) -> Sender {
    let stream = connect(server, &certificate.trusted, "h2").await.unwrap();
    let (sender, connection) = http2::handshake(Spawner, Io(stream)).await.unwrap();
    tokio::spawn(connection);
    sender
}

pub(crate) fn get(path: &str) -> http::request::Builder {
    Request::get(format!("https://localhost{path}"))
}

pub(crate) async fn send(sender: &Sender, request: Request<OneFrame>) -> (StatusCode, String) {
    let response = sender.clone().send_request(request).await.unwrap();
    assert_eq!(response.version(), Version::HTTP_2);
    (response.status(), text(response.into_body()).await)
}

async fn text(mut body: Incoming) -> String {
    let mut text = String::new();
    while let Some(frame) = std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        text.push_str(std::str::from_utf8(frame.unwrap().data_ref().unwrap()).unwrap());
    }
    text
}

/// Adapts a tokio stream to hyper.
struct Io(TlsStream<TcpStream>);

impl hyper::rt::Read for Io {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut into: hyper::rt::ReadBufCursor<'_>,
    ) -> Poll<std::io::Result<()>> {
        let mut bytes = [0; 4096];
        let room = bytes.len().min(into.remaining());
        let mut buffer = tokio::io::ReadBuf::new(&mut bytes[..room]);
        std::task::ready!(Pin::new(&mut self.0).poll_read(cx, &mut buffer))?;
        into.put_slice(buffer.filled());
        Poll::Ready(Ok(()))
    }
}

impl hyper::rt::Write for Io {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}
