//! Kunci as a library: an app that responds to requests, and can be served on a loopback address.

mod build;
mod builder;
mod unconfigured;

use std::sync::Arc;

use bytes::Bytes;
use http::Method;
use kunci_domain::Core;
use kunci_web::Response;
use thiserror::Error as ThisError;

use crate::sweeper::Sweeper;
use crate::wire;

pub use build::BuildError;
pub use builder::AppBuilder;

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

    /// Whether a request may block its thread; see [`kunci_web::Cost`].
    #[must_use]
    pub fn may_block(&self, method: &Method, path: &str) -> bool {
        self.web.may_block(method, path)
    }

    /// Returns the ports and rules of the app, to call use cases outside its routes.
    #[must_use]
    pub const fn core(&self) -> &Arc<Core> {
        &self.core
    }
}

/// Errors of serving an app.
#[derive(Debug, ThisError)]
pub enum ServeError {
    /// The text is not an address with a port.
    #[error("{0:?} is not ADDRESS:PORT")]
    Address(String),
    /// The address cannot be bound.
    #[error(transparent)]
    Bind(#[from] kunci_tiny_http::BindError),
    /// The transport stopped with an error.
    #[error(transparent)]
    Transport(#[from] kunci_tiny_http::ServeError),
}

impl App {
    /// Serves the app on a loopback address such as `127.0.0.1:8080` until the process ends. Port 0 picks a
    /// free port. Calls `started` with the URL when the server accepts requests.
    ///
    /// # Errors
    /// Any [`ServeError`].
    pub fn serve(self, address: &str, started: impl FnOnce(&str)) -> Result<(), ServeError> {
        let address = address
            .parse()
            .map_err(|_| ServeError::Address(address.to_owned()))?;
        let bound = wire::bind_loopback(address)?;
        let shown = bound.address().url("http");
        let running = bound.serve(Arc::new(wire::Hosted(Arc::new(self))));
        started(&shown);
        Ok(running.wait()?)
    }
}
