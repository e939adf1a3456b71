//! Serves an app: by itself on a loopback address, or as the service of any transport.

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, Response};
use kunci_tiny_http::{Limits, Listen};
use kunci_transport::Service;
use thiserror::Error as ThisError;

use super::App;

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
        // Enough for the default hashing, and writes beside it.
        let limits = Limits {
            slow_workers: 64,
            ..Limits::default()
        };
        let bound = kunci_tiny_http::bind(&Listen::Tcp(address), limits)?;
        let shown = bound.address().url("http");
        let running = bound.serve(Arc::new(self));
        started(&shown);
        Ok(running.wait()?)
    }
}

/// Lets any transport host the app.
impl Service for App {
    fn call(&self, request: Request<Bytes>) -> Response<Bytes> {
        self.call(request)
    }

    fn may_block(&self, method: &Method, path: &str) -> bool {
        self.may_block(method, path)
    }

    fn is_proxy(&self, peer: IpAddr) -> bool {
        self.is_proxy(peer)
    }
}
