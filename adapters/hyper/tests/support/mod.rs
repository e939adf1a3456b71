//! A service that echoes parts of the request, and a server that runs it.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    missing_debug_implementations,
    reason = "each test file uses only a part, and a broken helper should fail at once"
)]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header};
use kunci_hyper::{Limits, Listen, Running, Service, TlsFiles, bind};

/// A timeout that no response reaches, even on a busy machine.
pub const TEST_TIMEOUT: Duration = Duration::from_secs(30);

/// Blocks requests for `/wait` until it is opened.
#[derive(Clone, Default)]
pub struct Latch(Arc<(Mutex<State>, Condvar)>);

#[derive(Default)]
struct State {
    is_open: bool,
    waiting: usize,
}

impl Latch {
    pub fn open(&self) {
        self.0.0.lock().unwrap().is_open = true;
        self.0.1.notify_all();
    }

    /// Waits until `count` requests are blocked.
    pub fn wait_for_requests(&self, count: usize) {
        let state = self.0.0.lock().unwrap();
        drop(self.0.1.wait_while(state, |state| state.waiting < count).unwrap());
    }

    fn block(&self) {
        let mut state = self.0.0.lock().unwrap();
        state.waiting += 1;
        self.0.1.notify_all();
        drop(self.0.1.wait_while(state, |state| !state.is_open).unwrap());
    }
}

/// Echoes a part of the request that depends on the path.
pub struct Echo(pub Latch);

impl Service for Echo {
    fn call(&self, request: Request<Bytes>) -> Response<Bytes> {
        let refusal = request.extensions().get::<StatusCode>().copied();
        let text = match (refusal, request.uri().path()) {
            (Some(status), _) => format!("refused with {}", status.as_u16()),
            (None, "/host") => format!("{:?}", request.headers().get(header::HOST)),
            (None, "/peer") => format!(
                "{:?}",
                request.extensions().get::<SocketAddr>().map(SocketAddr::ip)
            ),
            (None, "/panic") => panic!("requested by the test"),
            (None, "/wait") => {
                self.0.block();
                "waited".to_owned()
            }
            (None, path) => format!("{} {path} {}", request.method(), request.body().len()),
        };
        let mut response = Response::new(Bytes::from(text));
        *response.status_mut() = refusal.unwrap_or(StatusCode::OK);
        response
    }

    fn may_block(&self, _method: &Method, path: &str) -> bool {
        path == "/wait"
    }
}

/// A running server for a test.
pub struct TestServer {
    pub running: Option<Running>,
    pub addresses: Vec<String>,
    pub latch: Latch,
}

impl TestServer {
    pub fn start(limits: Limits) -> Self {
        Self::start_at(&[any_port()], limits, None)
    }

    pub fn start_at(listen: &[Listen], limits: Limits, tls: Option<TlsFiles>) -> Self {
        let latch = Latch::default();
        let mut bound = bind(listen, limits).unwrap();
        if let Some(files) = tls {
            bound = bound.with_tls(files).unwrap();
        }
        let addresses = bound.addresses();
        Self {
            running: Some(bound.serve(Arc::new(Echo(latch.clone()))).unwrap()),
            addresses,
            latch,
        }
    }

    pub fn address(&self) -> SocketAddr {
        let (_, address) = self.addresses[0].split_once("//").unwrap();
        address.parse().unwrap()
    }

    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address()).unwrap();
        stream.set_read_timeout(Some(TEST_TIMEOUT)).unwrap();
        stream
    }

    /// Sends bytes on a new connection, and returns everything until the server closes it.
    pub fn send(&self, bytes: &[u8]) -> String {
        let mut stream = self.connect();
        stream.write_all(bytes).unwrap();
        read_until_close(&mut stream)
    }

    pub fn stop(&mut self) {
        let running = self.running.take().unwrap();
        running.stop_handle().stop();
        running.wait().unwrap();
    }
}

/// Reads everything until the server closes the connection.
pub fn read_until_close(stream: &mut impl Read) -> String {
    let mut response = Vec::new();
    stream.read_to_end(&mut response).unwrap();
    String::from_utf8(response).unwrap()
}

/// Reads until the data ends with `end`.
pub fn read_until(stream: &mut impl Read, end: &str) -> String {
    let mut response = Vec::new();
    let mut byte = [0];
    while !response.ends_with(end.as_bytes()) {
        let result = stream.read_exact(&mut byte);
        assert!(
            result.is_ok(),
            "{result:?} after {}",
            String::from_utf8_lossy(&response)
        );
        response.push(byte[0]);
    }
    String::from_utf8(response).unwrap()
}

pub fn any_port() -> Listen {
    Listen::Tcp(([127, 0, 0, 1], 0).into())
}
