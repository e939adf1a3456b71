//! The settings of what others can reach: certificates, proxies, and the bounds of connections.
//!
//! Left out: the settings that every transport has, which are in `table`.

use std::path::PathBuf;
use std::time::Duration;

use kunci_web::{TrustedProxies, TrustedProxiesError};

use super::base::Refusal;
use super::listen::path_from;
use super::quantity::{show_wait, wait, whole};
use super::setting::{Fallback, Row, Setting, Shape};

const WAIT: &str = "a duration from 100ms to 1h, such as 10s";

/// A bound of hyper that is a time.
macro_rules! wait {
    ($name:ident, $key:literal, $about:literal, $default:literal) => {
        pub(crate) static $name: Setting<Duration> = Setting {
            row: Row::new($key, $about, Fallback::Is($default), WAIT),
            parse: wait,
            show: show_wait,
        };
    };
}

/// A PEM file.
macro_rules! pem {
    ($name:ident, $key:literal, $about:literal) => {
        pub(crate) static $name: Setting<PathBuf> = Setting {
            row: Row::new(
                $key,
                $about,
                Fallback::From("none"),
                "the path of a PEM file",
            )
            .with_flag(),
            parse: path_from,
            show: |path| path.display().to_string(),
        };
    };
}

pem!(
    TLS_CERT,
    "tls_cert",
    "The certificate and those above it, for https with hyper; read again on SIGHUP"
);
pem!(TLS_KEY, "tls_key", "The private key of the certificate");

pub(crate) static TRUSTED_PROXIES: Setting<TrustedProxies> = Setting {
    row: Row::new(
        "trusted_proxies",
        "Proxies of your own, which say in Forwarded or X-Forwarded-For where clients are",
        Fallback::Is(""),
        "addresses, networks such as 10.0.0.0/8, and unix for Unix sockets",
    )
    .shaped(Shape::List),
    parse: trusted_proxies,
    show: TrustedProxies::to_string,
};

fn trusted_proxies(text: &str) -> Result<TrustedProxies, Refusal> {
    if text.trim().is_empty() {
        return Ok(TrustedProxies::none());
    }
    TrustedProxies::parse(text.split(',').map(str::trim)).map_err(|error| match error {
        TrustedProxiesError::Unreadable(_) => "is neither an address nor a network nor unix".into(),
        TrustedProxiesError::EveryAddress(_) => {
            "is everybody, so that each client could choose its own address".into()
        }
    })
}

pub(crate) static MAX_CONNECTIONS: Setting<u32> = Setting {
    row: Row::new(
        "max_connections",
        "hyper: how many connections there may be",
        Fallback::Is("4096"),
        "a whole number from 1 to 1000000",
    )
    .shaped(Shape::Number),
    parse: whole::<1, 1_000_000>,
    show: u32::to_string,
};

pub(crate) static MAX_CONNECTIONS_PER_ADDRESS: Setting<u32> = Setting {
    row: Row::new(
        "max_connections_per_address",
        "hyper: how many of them from one address; behind a proxy on TCP, all are from one",
        Fallback::Is("256"),
        "a whole number from 1 to 1000000",
    )
    .shaped(Shape::Number),
    parse: whole::<1, 1_000_000>,
    show: u32::to_string,
};

wait!(
    TLS_HANDSHAKE_TIMEOUT,
    "tls_handshake_timeout",
    "hyper: how long a TLS handshake may take",
    "10s"
);
wait!(
    HEAD_TIMEOUT,
    "head_timeout",
    "hyper: how long the head of a request may take",
    "10s"
);
wait!(
    BODY_TIMEOUT,
    "body_timeout",
    "hyper: how long the body of a request may take",
    "10s"
);
wait!(
    REQUEST_TIMEOUT,
    "request_timeout",
    "hyper: how long a request may take, until its answer was taken",
    "30s"
);
wait!(
    IDLE_TIMEOUT,
    "idle_timeout",
    "hyper: how long a connection is kept open between requests",
    "60s"
);
