//! A running server for tests, and a service that shows its requests.

#![allow(dead_code, reason = "each test binary uses its own part of this")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "all of this is test code")]

pub(crate) mod child;
pub(crate) mod client;

use std::io::Write;
use std::net::SocketAddr;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_LENGTH};
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use kunci_tiny_http::{Limits, Listen, Running, ServeError, Service, bind};

use client::Client;

/// Longer than any response takes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A service whose paths each do one thing, and which records the requested paths.
#[derive(Debug, Default)]
pub(crate) struct Probe {
    calls: Mutex<Vec<String>>,
    gate: Mutex<Gate>,
    moved: Condvar,
}

/// Holds requests for `/slow...` until it is opened.
#[derive(Debug, Default)]
struct Gate {
    entered: usize,
    open: bool,
}

impl Probe {
    /// Returns the paths of all requests that were not refusals, oldest first.
    pub(crate) fn calls(&self) -> Vec<String> {
        self.calls.lock().unwrap().clone()
    }

    /// Waits until `count` slow requests are in progress.
    pub(crate) fn wait_entered(&self, count: usize) {
        let gate = self.gate.lock().unwrap();
        let (gate, _) = self
            .moved
            .wait_timeout_while(gate, PATIENCE, |g| g.entered < count)
            .unwrap();
        assert!(
            gate.entered >= count,
            "only {} of {count} have begun",
            gate.entered
        );
    }

    /// Releases all slow requests, now and later.
    pub(crate) fn open_gate(&self) {
        self.gate.lock().unwrap().open = true;
        self.moved.notify_all();
    }

    fn pass_gate(&self) {
        let mut gate = self.gate.lock().unwrap();
        gate.entered += 1;
        self.moved.notify_all();
        drop(
            self.moved
                .wait_timeout_while(gate, PATIENCE, |g| !g.open)
                .unwrap(),
        );
    }
}

impl Service for Probe {
    fn call(&self, request: Request<Bytes>) -> Response<Bytes> {
        if let Some(status) = request.extensions().get::<StatusCode>() {
            assert_ne!(request.uri().path(), "/panic-twice");
            return refusal(*status, &request);
        }
        let path = request.uri().path().to_owned();
        self.calls.lock().unwrap().push(path.clone());
        match path.as_str() {
            "/panic" | "/panic-twice" => panic!("meant"),
            path if path.starts_with("/slow") || path == "/stuck" => {
                self.pass_gate();
                text(path.to_owned())
            }
            path => answer(path, &request),
        }
    }

    fn may_block(&self, _method: &Method, path: &str) -> bool {
        path.starts_with("/slow")
    }
}

fn answer(path: &str, request: &Request<Bytes>) -> Response<Bytes> {
    match path {
        "/echo" => Response::new(request.body().clone()),
        "/show" => text(show(request)),
        "/big" => Response::new(Bytes::from(vec![b'x'; 1 << 20])),
        "/no-content" => with_status(StatusCode::NO_CONTENT),
        "/not-modified" => with_status(StatusCode::NOT_MODIFIED),
        "/interim" => with_status(StatusCode::SWITCHING_PROTOCOLS),
        "/length-of-42" => with_fields(&[("content-length", "42")]),
        "/fields" => with_fields(&[
            ("server", "kunci"),
            ("connection", "x-hop"),
            ("transfer-encoding", "chunked"),
            ("content-length", "4000"),
            ("keep-alive", "timeout=1"),
            ("set-cookie", "a=1"),
            ("date", "Wed, 04 May 1983 11:17:00 GMT"),
        ]),
        _ => text(format!("{path}\n")),
    }
}

/// Returns the parts of the request, one per line.
fn show(request: &Request<Bytes>) -> String {
    let peer = request.extensions().get::<SocketAddr>();
    let mut lines = format!("{} {}\npeer {peer:?}\n", request.method(), request.uri());
    for (name, value) in request.headers() {
        lines.push_str(&format!("{name}: {}\n", value.to_str().unwrap_or("?")));
    }
    lines
}

fn refusal(status: StatusCode, request: &Request<Bytes>) -> Response<Bytes> {
    let accept = request.headers().get(ACCEPT).and_then(|a| a.to_str().ok());
    let mut response = text(format!(
        "refused {} for {}",
        status.as_u16(),
        accept.unwrap_or("-")
    ));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert("x-from", HeaderValue::from_static("service"));
    response
}

fn text(text: String) -> Response<Bytes> {
    Response::new(Bytes::from(text))
}

fn with_status(status: StatusCode) -> Response<Bytes> {
    let mut response = text("this must not be seen".to_owned());
    *response.status_mut() = status;
    response
}

fn with_fields(fields: &[(&'static str, &'static str)]) -> Response<Bytes> {
    let mut response = text(String::new());
    for (name, value) in fields {
        let name = HeaderName::from_static(name);
        response
            .headers_mut()
            .append(name, HeaderValue::from_static(value));
    }
    if !response.headers().contains_key(CONTENT_LENGTH) || fields.len() > 1 {
        *response.body_mut() = Bytes::from_static(b"fields");
    }
    response
}

/// A server with a [`Probe`], which ends with the test.
pub(crate) struct Host {
    pub(crate) probe: Arc<Probe>,
    pub(crate) running: Running,
    pub(crate) address: Listen,
}

impl Host {
    /// Starts a server on a free port of 127.0.0.1, with the default limits.
    pub(crate) fn start() -> Self {
        Self::with(Limits::default())
    }

    pub(crate) fn with(limits: Limits) -> Self {
        Self::on(&Listen::Tcp(([127, 0, 0, 1], 0).into()), limits)
    }

    pub(crate) fn on(listen: &Listen, limits: Limits) -> Self {
        let bound = bind(listen, limits).unwrap();
        let address = bound.address().clone();
        let probe = Arc::new(Probe::default());
        let running = bound.serve(Arc::clone(&probe) as Arc<dyn Service>);
        Self {
            probe,
            running,
            address,
        }
    }

    pub(crate) fn client(&self) -> Client {
        Client::connect(&self.address)
    }

    /// Sends these bytes on a new connection.
    pub(crate) fn send(&self, request: impl AsRef<[u8]>) -> Client {
        let mut client = self.client();
        client.write_all(request.as_ref()).unwrap();
        client
    }

    /// Stops the server and waits for its end.
    pub(crate) fn stop(self) -> Result<(), ServeError> {
        self.running.stop_handle().stop();
        self.running.wait()
    }
}
