//! Accepts connections, and pauses if the process runs out of file descriptors or memory.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio::sync::mpsc::Sender;
use tokio::time::sleep;
use tokio_rustls::rustls::ServerConfig;

use crate::admission::{Admission, Slot};
use crate::connection::{self, Stopping};
use crate::phase_clock::PhaseClock;
use crate::responder::{Responder, ServerContext};
use crate::stream::Stream;
use crate::tls::TlsConfig;
use crate::workers::Workers;

/// How long accepting pauses after an error, usually a lack of file descriptors or memory.
const PAUSE: Duration = Duration::from_millis(50);

/// Hands accepted connections to the workers.
#[derive(Clone)]
pub(crate) struct Acceptor {
    pub(crate) server: Arc<ServerContext>,
    pub(crate) admission: Arc<Admission>,
    pub(crate) workers: Arc<Workers>,
    pub(crate) tls: Option<Arc<TlsConfig>>,
    pub(crate) stopping: Stopping,
    /// Each connection holds a clone until it ends, so the receiver notices when all have ended.
    pub(crate) open_connection: Sender<()>,
}

/// Accepts TCP connections until the server stops.
pub(crate) async fn accept_tcp(listener: TcpListener, acceptor: Acceptor) {
    let mut failures = AcceptFailures::default();
    while let Some(accepted) = acceptor.unless_stopping(listener.accept()).await {
        match accepted {
            Ok((stream, peer)) => {
                failures.is_logged = false;
                acceptor.dispatch_tcp(stream, peer);
            }
            Err(error) => failures.pause(&error).await,
        }
    }
}

/// Accepts connections on a Unix socket until the server stops.
pub(crate) async fn accept_unix(listener: UnixListener, acceptor: Acceptor) {
    let mut failures = AcceptFailures::default();
    while let Some(accepted) = acceptor.unless_stopping(listener.accept()).await {
        match accepted {
            Ok((stream, _)) => {
                failures.is_logged = false;
                acceptor.dispatch_unix(stream);
            }
            Err(error) => failures.pause(&error).await,
        }
    }
}

impl Acceptor {
    /// Returns the output of the future, or `None` as soon as the server stops.
    async fn unless_stopping<T>(&self, future: impl Future<Output = T>) -> Option<T> {
        let mut stopping = self.stopping.clone();
        tokio::select! {
            biased;
            _ = stopping.wait_for(|stopping| *stopping) => None,
            outcome = future => Some(outcome),
        }
    }

    fn dispatch_tcp(&self, stream: TcpStream, peer: SocketAddr) {
        let Some(new_connection) = self.new_connection(Some(peer)) else {
            return;
        };
        // Detaches the stream from this runtime, so that the worker's runtime can serve it.
        let Ok(stream) = stream.into_std() else {
            return;
        };
        self.workers.spawn(move || async move {
            if let Ok(stream) = TcpStream::from_std(stream) {
                new_connection.serve_tcp(stream).await;
            }
        });
    }

    fn dispatch_unix(&self, stream: UnixStream) {
        let (Some(new_connection), Ok(stream)) = (self.new_connection(None), stream.into_std()) else {
            return;
        };
        self.workers.spawn(move || async move {
            if let Ok(stream) = UnixStream::from_std(stream) {
                new_connection.serve_or_refuse(Stream::Unix(stream)).await;
            }
        });
    }

    /// Reserves a slot to serve the connection or, if the limits are reached, a slot to refuse it. Returns
    /// `None` if neither is free.
    fn new_connection(&self, peer: Option<SocketAddr>) -> Option<NewConnection> {
        let service = &self.server.service;
        let address = peer.map(|peer| peer.ip()).filter(|peer| !service.is_proxy(*peer));
        let admitted = self.admission.admit(address);
        let is_admitted = admitted.is_some();
        Some(NewConnection {
            slot: admitted.or_else(|| self.admission.admit_for_refusal())?,
            is_admitted,
            responder: self.responder(peer),
            tls: self.tls.as_ref().map(|tls| tls.current()),
            stopping: self.stopping.clone(),
            _open_connection: self.open_connection.clone(),
        })
    }

    fn responder(&self, peer: Option<SocketAddr>) -> Responder {
        Responder {
            server: Arc::clone(&self.server),
            peer,
            clock: PhaseClock::begin(),
        }
    }
}

/// An accepted connection, with everything that a worker needs to serve it.
struct NewConnection {
    slot: Slot,
    is_admitted: bool,
    responder: Responder,
    tls: Option<Arc<ServerConfig>>,
    stopping: Stopping,
    _open_connection: Sender<()>,
}

impl NewConnection {
    async fn serve_tcp(self, stream: TcpStream) {
        match self.tls.clone() {
            None => self.serve_or_refuse(Stream::Tcp(stream)).await,
            // A handshake costs too much for a refusal, so the connection is closed.
            Some(_) if !self.is_admitted => {}
            Some(config) => {
                connection::serve_tls(stream, config, self.responder, self.stopping).await;
                drop(self.slot);
            }
        }
    }

    async fn serve_or_refuse(self, stream: Stream) {
        if self.is_admitted {
            connection::serve_http1(stream, self.responder, self.stopping).await;
        } else {
            connection::refuse_connection(stream, self.responder, self.stopping).await;
        }
        drop(self.slot);
    }
}

/// Pauses accepting after an error. Logs only the first of several errors in a row.
#[derive(Default)]
struct AcceptFailures {
    is_logged: bool,
}

impl AcceptFailures {
    async fn pause(&mut self, error: &io::Error) {
        // The client closed the connection before it was accepted. Other connections are not affected.
        if error.kind() == io::ErrorKind::ConnectionAborted {
            return;
        }
        if !std::mem::replace(&mut self.is_logged, true) {
            tracing::warn!(%error, "cannot accept connections; trying again");
        }
        sleep(PAUSE).await;
    }
}
