//! Compares the speed of the transport with bare tiny_http: serves "hello" with either until it is killed.
//!
//! `hello bare 127.0.0.1:8081`, `hello kunci 127.0.0.1:8082` or `hello kunci unix:PATH`, built with
//! `--release`; then run `wrk -t1 -c32 -d5s` on each, in turns. Only the ratio matters. The service responds
//! with eleven header fields, like a page with its security headers; bare tiny_http with none.

use std::env;
use std::error::Error;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use kunci_tiny_http::{Limits, Listen, Service, bind};

const WORKERS: usize = 4;

const FIELDS: [(&str, &str); 11] = [
    ("content-type", "text/plain; charset=utf-8"),
    ("cache-control", "no-store"),
    ("vary", "Accept, Cookie"),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    (
        "content-security-policy",
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; \
         frame-ancestors 'none'; base-uri 'none'",
    ),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("x-frame-options", "DENY"),
    ("permissions-policy", "camera=(), microphone=(), geolocation=()"),
    ("server", "kunci"),
];

struct Hello;

impl Service for Hello {
    fn call(&self, request: Request<Bytes>) -> Response<Bytes> {
        let mut response = Response::new(Bytes::from_static(b"hello\n"));
        if let Some(refusal) = request.extensions().get::<StatusCode>() {
            *response.status_mut() = *refusal;
        }
        response.headers_mut().reserve(FIELDS.len());
        for (name, value) in FIELDS {
            let name = HeaderName::from_static(name);
            response
                .headers_mut()
                .insert(name, HeaderValue::from_static(value));
        }
        response
    }

    fn may_block(&self, method: &Method, _path: &str) -> bool {
        *method == Method::POST
    }
}

fn main() -> ExitCode {
    let mut arguments = env::args().skip(1);
    let kind = arguments.next();
    let at = arguments.next().unwrap_or_else(|| "127.0.0.1:0".to_owned());
    let ended = match kind.as_deref() {
        Some("bare") => bare(&at),
        Some("kunci") => kunci(&at),
        _ => Err("usage: hello bare|kunci [ADDRESS:PORT|unix:PATH]".into()),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn kunci(at: &str) -> Result<(), Box<dyn Error>> {
    let listen = match at.strip_prefix("unix:") {
        Some(path) => Listen::Unix(path.into()),
        None => Listen::Tcp(at.parse()?),
    };
    let bound = bind(&listen, Limits::default())?;
    println!("listening on {}", bound.address());
    Ok(bound.serve(Arc::new(Hello)).wait()?)
}

fn bare(at: &str) -> Result<(), Box<dyn Error>> {
    let server = tiny_http::Server::http(at.parse::<SocketAddr>()?).map_err(|e| e as Box<dyn Error>)?;
    println!("listening on http://{}", server.server_addr());
    thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                while let Ok(request) = server.recv() {
                    let _ = request.respond(tiny_http::Response::from_string("hello\n"));
                }
            });
        }
    });
    Err("tiny_http accepts no more".into())
}
