//! Kunci as a library: an app that responds to requests, and can be served on a loopback address.

mod build;
mod build_error;
mod builder;
#[cfg(feature = "server")]
mod from_config;
mod serve;
mod unconfigured;

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::Method;
use kunci_domain::Core;
use kunci_web::Response;

use crate::sweeper::Sweeper;

pub use build_error::BuildError;
pub use builder::AppBuilder;
pub use serve::ServeError;

/// The accounts, sessions and routes of a site, with open stores. A background thread removes expired records
/// until the app is dropped.
#[derive(Debug)]
pub struct App {
    web: kunci_web::App,
    core: Arc<Core>,
    _sweeper: Sweeper,
}

impl App {
    /// Returns a builder with the defaults of the server.
    pub fn builder() -> AppBuilder {
        AppBuilder::default()
    }

    /// Responds to a request with its complete body; see [`kunci_web::App::call`].
    #[must_use]
    pub fn call(&self, request: http::Request<Bytes>) -> Response {
        self.web.call(request)
    }

    /// Whether a request may block its thread, because of the [`Cost`](kunci_web::Cost) of its route or because
    /// it needs a remote store; see [`kunci_web::StoreLocality`].
    #[must_use]
    pub fn may_block(&self, method: &Method, path: &str) -> bool {
        self.web.may_block(method, path)
    }

    /// Returns whether the address belongs to a reverse proxy that the settings trust.
    #[must_use]
    pub fn is_proxy(&self, peer: IpAddr) -> bool {
        self.web.is_proxy(peer)
    }

    /// Returns the ports and rules of the app, to call use cases outside its routes.
    #[must_use]
    pub const fn core(&self) -> &Arc<Core> {
        &self.core
    }
}
