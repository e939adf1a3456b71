//! A store that does not answer delays only the requests that need it, on both transports.

#![allow(clippy::unwrap_used, missing_docs, reason = "a failed step ends the test")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, COOKIE, SET_COOKIE};
use kunci::{App, Method, text};
use kunci_memory::MemorySessionStore;
use kunci_testkit::fakes::{Gate, Watch, Watched};
use kunci_transport::{Listen, Service};

const QUICK: usize = 2;
const SLOW: usize = QUICK + 1;
/// More than the slow workers can answer at a time.
const CHECKS: usize = 3 * SLOW;

/// Longer than any response takes.
const PATIENCE: Duration = Duration::from_secs(20);

const LOCAL: Listen = Listen::Tcp(SocketAddr::new(
    std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST),
    0,
));

/// A server that a transport has started. Its URL, and what stops it and waits for its end.
type Started = (String, Box<dyn FnOnce()>);

#[test]
fn blocked_store_delays_no_other_requests_on_tiny_http() {
    check_blocked_store(|service| {
        let limits = kunci_tiny_http::Limits {
            quick_workers: QUICK,
            slow_workers: SLOW,
            ..kunci_tiny_http::Limits::default()
        };
        let bound = kunci_tiny_http::bind(&LOCAL, limits).unwrap();
        let url = bound.address().url("http");
        let running = bound.serve(service);
        let stop = move || {
            running.stop_handle().stop();
            running.wait().unwrap();
        };
        (url, Box::new(stop))
    });
}

#[cfg(feature = "hyper")]
#[test]
fn blocked_store_delays_no_other_requests_on_hyper() {
    check_blocked_store(|service| {
        let limits = kunci_hyper::Limits {
            workers: QUICK,
            slow_workers: SLOW,
            ..kunci_hyper::Limits::default()
        };
        let bound = kunci_hyper::bind(&[LOCAL], limits).unwrap();
        let url = bound.addresses().remove(0);
        let running = bound.serve(service).unwrap();
        let stop = move || {
            running.stop_handle().stop();
            running.wait().unwrap();
        };
        (url, Box::new(stop))
    });
}

/// Blocks session checks in the store, and requires that requests without a store are answered meanwhile.
#[track_caller]
fn check_blocked_store(start: impl FnOnce(Arc<dyn Service>) -> Started) {
    let (watch, gate) = (Watch::default(), Gate::default());
    let app = Arc::new(app(&watch));
    let (cookie, asset) = (session_cookie(&app), style_sheet(&app));
    watch.hold("sessions.find", &gate);
    let (url, stop) = start(app);
    let address: SocketAddr = url.strip_prefix("http://").unwrap().parse().unwrap();

    let checks: Vec<_> = (0..CHECKS).map(|_| send(address, "/cart", &cookie)).collect();
    for blocked in [QUICK, SLOW] {
        gate.await_waiting(blocked);
        // More than there are quick threads, so that each of them has to answer.
        for _ in 0..=2 * QUICK {
            assert!(response(send(address, "/healthz", &cookie)).ends_with("ok\n"));
            assert!(response(send(address, &asset, &cookie)).starts_with("HTTP/1.1 200"));
        }
    }
    gate.open();
    for check in checks {
        assert!(response(check).ends_with("1 items\n"));
    }
    stop();
}

/// Returns an app whose session store is custom, and therefore counts as remote.
fn app(watch: &Watch) -> App {
    let sessions = Watched(Arc::new(MemorySessionStore::default()), watch.clone());
    App::builder()
        .sessions(Arc::new(sessions))
        .route(Method::POST, "/cart", |request| {
            request.session().insert("items", 1)?;
            Ok(text("added"))
        })
        .route(Method::GET, "/cart", |request| {
            let n: Option<u64> = request.session().get("items")?;
            Ok(text(format!("{} items", n.unwrap_or(0))))
        })
        .build()
        .unwrap()
}

/// Starts a session, and returns its cookie.
fn session_cookie(app: &App) -> String {
    let response = app.call(http::Request::post("/cart").body(Bytes::new()).unwrap());
    let cookie = response.headers()[SET_COOKIE].to_str().unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

/// Returns the path of the style sheet that a page names.
fn style_sheet(app: &App) -> String {
    let request = http::Request::get("/login").header(ACCEPT, "text/html");
    let page = app.call(request.body(Bytes::new()).unwrap());
    let page = String::from_utf8(page.body().to_vec()).unwrap();
    let path = page.split('"').find(|part| part.starts_with("/assets/"));
    path.unwrap().to_owned()
}

/// Sends a request on a new connection.
fn send(address: SocketAddr, path: &str, cookie: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let head = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{COOKIE}: {cookie}\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    stream
}

/// Reads a response to its end.
#[track_caller]
fn response(mut stream: TcpStream) -> String {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}
