//! Sign-in for anything: accounts and sessions for a site, as a server and as a library.
//!
//! As a library, an [`App`] answers Kunci's own routes and those that an application adds:
//!
//! ```
//! use kunci::{App, Method, text};
//!
//! let app = App::builder()
//!     .store("memory:")?
//!     .route(Method::POST, "/cart", |request| {
//!         let n = request.session().update("items", |n: Option<u64>| n.unwrap_or(0) + 1)?;
//!         Ok(text(format!("{n} items")))
//!     })
//!     .build()?;
//!
//! let request = http::Request::post("/cart").body(bytes::Bytes::new())?;
//! assert_eq!(app.call(request).body(), "1 items\n");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`App::serve`] serves it on a loopback address. [`App::call`] works with any server that uses `http` types.
//! A custom store is any `Arc<dyn SessionStore>` or `Arc<dyn AccountStore>`; the conformance suite in
//! `kunci-testkit` tests it. The use cases are in [`domain`].
//!
//! This crate is the composition root: only its module `wire` knows more than one adapter.

mod app;
mod clock;
mod host;
mod keys;
mod secret_file;
mod store_url;
mod sweeper;
mod wire;

#[cfg(feature = "server")]
mod cli;
#[cfg(feature = "server")]
pub mod commands;
#[cfg(feature = "server")]
mod config;
#[cfg(feature = "server")]
mod durations;
#[cfg(feature = "server")]
mod failure;

pub use app::{App, AppBuilder, BuildError, ServeError};
pub use clock::SystemClock;
pub use http::{Method, StatusCode};
pub use kunci_argon2::{Concurrency, Cost};
pub use kunci_domain as domain;
pub use kunci_web::{
    Cost as RouteCost, Error, ForwardedHeader, Hsts, Representation, Request, Response, Route, StoreLocality,
    TrustedProxies, TrustedProxiesError, html, json, redirect, text,
};
pub use secret_file::SecretFileError;
pub use store_url::{StoreUrl, StoreUrlError};
pub use wire::backends::OpenError;
