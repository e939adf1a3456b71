//! Kunci as a library: an app that answers requests, and a way to serve it on the machine itself.

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

/// A site's accounts, sessions and routes: a function from requests to answers, with its stores open.
///
/// It answers as long as it lives; what has expired is removed in the background.
#[derive(Debug)]
pub struct App {
    web: kunci_web::App,
    core: Arc<Core>,
    _sweeper: Sweeper,
}

impl App {
    /// Begins to build an app.
    #[must_use]
    pub fn builder() -> AppBuilder {
        AppBuilder::default()
    }

    /// Answers a request whose body is whole; see [`kunci_web::App::call`].
    #[must_use]
    pub fn call(&self, request: http::Request<Bytes>) -> Response {
        self.web.call(request)
    }

    /// Whether answering may take long; see [`kunci_web::Cost`].
    #[must_use]
    pub fn may_block(&self, method: &Method, path: &str) -> bool {
        self.web.may_block(method, path)
    }

    /// The domain behind the app, for use cases beside its routes.
    #[must_use]
    pub const fn core(&self) -> &Arc<Core> {
        &self.core
    }
}

/// Why an app could not be served, or ended to be.
#[derive(Debug, ThisError)]
pub enum ServeError {
    /// The text is no address with a port.
    #[error("{0:?} is not ADDRESS:PORT")]
    Address(String),
    /// The address cannot be listened on.
    #[error(transparent)]
    Bind(#[from] kunci_tiny_http::BindError),
    /// The transport ended with an error.
    #[error(transparent)]
    Transport(#[from] kunci_tiny_http::ServeError),
}

impl App {
    /// Serves the app on a loopback address such as `127.0.0.1:8080` until the process ends; port 0 picks
    /// a free one. `started` is told the address once requests are answered.
    ///
    /// # Errors
    /// Any [`ServeError`].
    pub fn serve(self, address: &str, started: impl FnOnce(&str)) -> Result<(), ServeError> {
        let address = address
            .parse()
            .map_err(|_| ServeError::Address(address.to_owned()))?;
        let bound = wire::bind_loopback(address)?;
        let shown = bound.address().url("http");
        let running = wire::host(Arc::new(self), bound);
        started(&shown);
        Ok(running.wait()?)
    }
}
