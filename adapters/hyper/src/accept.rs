//! Accepts connections, and pauses if the process runs out of descriptors or memory.

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
use crate::exchange::{Host, Responder};
use crate::phase_clock::PhaseClock;
use crate::stream::Stream;
use crate::tls::Tls;
use crate::workers::Workers;

/// How long accepting pauses if no descriptor or no memory is left.
const PAUSE: Duration = Duration::from_millis(50);

/// Passes accepted connections to the workers, with everything that they need.
#[derive(Clone)]
pub(crate) struct Acceptor {
    pub(crate) host: Arc<Host>,
    pub(crate) admission: Arc<Admission>,
    pub(crate) workers: Arc<Workers>,
    pub(crate) tls: Option<Arc<Tls>>,
    pub(crate) stopping: Stopping,
    /// Each connection holds a clone until it has ended.
    pub(crate) open: Sender<()>,
}

/// Accepts TCP connections until the server stops.
pub(crate) async fn accept_tcp(listener: TcpListener, acceptor: Acceptor) {
    let mut failures = AcceptFailures::default();
    while let Some(accepted) = acceptor.unless_stopping(listener.accept()).await {
        match accepted {
            Ok((stream, peer)) => {
                failures.is_logged = false;
                acceptor.enter_tcp(stream, peer);
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
                acceptor.enter_unix(stream);
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

    fn enter_tcp(&self, stream: TcpStream, peer: SocketAddr) {
        let Some(new_connection) = self.new_connection(Some(peer)) else {
            return;
        };
        // The stream moves from the runtime that accepted it to the one that serves it.
        let Ok(stream) = stream.into_std() else {
            return;
        };
        self.workers.spawn(move || async move {
            if let Ok(stream) = TcpStream::from_std(stream) {
                new_connection.enter_tcp(stream).await;
            }
        });
    }

    fn enter_unix(&self, stream: UnixStream) {
        let (Some(new_connection), Ok(stream)) = (self.new_connection(None), stream.into_std()) else {
            return;
        };
        self.workers.spawn(move || async move {
            if let Ok(stream) = UnixStream::from_std(stream) {
                new_connection.enter(Stream::Unix(stream)).await;
            }
        });
    }

    /// Returns a slot in which the connection is served, or one in which it is refused. `None` if there is
    /// neither.
    fn new_connection(&self, peer: Option<SocketAddr>) -> Option<NewConnection> {
        let admitted = self.admission.admit(peer.map(|peer| peer.ip()));
        let is_admitted = admitted.is_some();
        Some(NewConnection {
            slot: admitted.or_else(|| self.admission.refuse_connection())?,
            is_admitted,
            responder: self.responder(peer),
            tls: self.tls.as_ref().map(|tls| tls.current()),
            stopping: self.stopping.clone(),
            _open: self.open.clone(),
        })
    }

    fn responder(&self, peer: Option<SocketAddr>) -> Responder {
        Responder {
            host: Arc::clone(&self.host),
            peer,
            clock: PhaseClock::begin(),
        }
    }
}

/// An accepted connection that is not served yet.
struct NewConnection {
    slot: Slot,
    is_admitted: bool,
    responder: Responder,
    tls: Option<Arc<ServerConfig>>,
    stopping: Stopping,
    _open: Sender<()>,
}

impl NewConnection {
    async fn enter_tcp(self, stream: TcpStream) {
        match self.tls.clone() {
            None => self.enter(Stream::Tcp(stream)).await,
            // A refusal is not worth the cost of a handshake.
            Some(_) if !self.is_admitted => {}
            Some(config) => {
                connection::serve_tls(stream, config, self.responder, self.stopping).await;
                drop(self.slot);
            }
        }
    }

    async fn enter(self, stream: Stream) {
        if self.is_admitted {
            connection::serve_plain(stream, self.responder, self.stopping).await;
        } else {
            connection::refuse_connection(stream, self.responder, self.stopping).await;
        }
        drop(self.slot);
    }
}

/// Logs a failure to accept once, until accepting works again.
#[derive(Default)]
struct AcceptFailures {
    is_logged: bool,
}

impl AcceptFailures {
    async fn pause(&mut self, error: &io::Error) {
        // The client closed the connection before it was accepted, which does not affect others.
        if error.kind() == io::ErrorKind::ConnectionAborted {
            return;
        }
        if !std::mem::replace(&mut self.is_logged, true) {
            tracing::warn!(%error, "cannot accept connections at the moment");
        }
        sleep(PAUSE).await;
    }
}
