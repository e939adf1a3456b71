//! Accepts connections, and sees to it that running out of anything only pauses that.
//! Leaves out what happens on a connection.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio::sync::mpsc::Sender;
use tokio::time::sleep;
use tokio_rustls::rustls::ServerConfig;

use crate::admission::{Admission, Place};
use crate::connection::{self, Stopping};
use crate::exchange::{Desk, Host};
use crate::stream::Stream;
use crate::tls::Tls;
use crate::watch::Watch;
use crate::workers::Workers;

/// How long accepting pauses when the process has no descriptor, or the system no memory, left.
const PAUSE: Duration = Duration::from_millis(50);

/// All that a connection needs.
#[derive(Clone)]
pub(crate) struct Door {
    pub(crate) host: Arc<Host>,
    pub(crate) admission: Arc<Admission>,
    pub(crate) workers: Arc<Workers>,
    pub(crate) tls: Option<Arc<Tls>>,
    pub(crate) stopping: Stopping,
    /// Every connection holds one until it has ended.
    pub(crate) open: Sender<()>,
}

/// Accepts connections from other machines until the server stops.
pub(crate) async fn accept_tcp(listener: TcpListener, door: Door) {
    let mut complaint = Complaint::default();
    while let Some(accepted) = door.unless_stopping(listener.accept()).await {
        match accepted {
            Ok((stream, peer)) => {
                complaint.is_told = false;
                door.enter_tcp(stream, peer);
            }
            Err(error) => complaint.pause(&error).await,
        }
    }
}

/// Accepts connections from this machine until the server stops.
pub(crate) async fn accept_unix(listener: UnixListener, door: Door) {
    let mut complaint = Complaint::default();
    while let Some(accepted) = door.unless_stopping(listener.accept()).await {
        match accepted {
            Ok((stream, _)) => {
                complaint.is_told = false;
                door.enter_unix(stream);
            }
            Err(error) => complaint.pause(&error).await,
        }
    }
}

impl Door {
    /// What the future gives, or `None` as soon as the server stops.
    async fn unless_stopping<T>(&self, future: impl Future<Output = T>) -> Option<T> {
        let mut stopping = self.stopping.clone();
        tokio::select! {
            biased;
            _ = stopping.wait_for(|stopping| *stopping) => None,
            outcome = future => Some(outcome),
        }
    }

    fn enter_tcp(&self, stream: TcpStream, peer: SocketAddr) {
        let Some(entrance) = self.entrance(Some(peer)) else {
            return;
        };
        // It belongs to the runtime that accepted it, and goes over to the one that serves it.
        let Ok(stream) = stream.into_std() else {
            return;
        };
        self.workers.spawn(move || async move {
            if let Ok(stream) = TcpStream::from_std(stream) {
                entrance.enter_tcp(stream).await;
            }
        });
    }

    fn enter_unix(&self, stream: UnixStream) {
        let (Some(entrance), Ok(stream)) = (self.entrance(None), stream.into_std()) else {
            return;
        };
        self.workers.spawn(move || async move {
            if let Ok(stream) = UnixStream::from_std(stream) {
                entrance.enter(Stream::Unix(stream)).await;
            }
        });
    }

    /// A place for a connection, or one to be told in that there is none.
    fn entrance(&self, peer: Option<SocketAddr>) -> Option<Entrance> {
        let admitted = self.admission.admit(peer.map(|peer| peer.ip()));
        let is_admitted = admitted.is_some();
        Some(Entrance {
            place: admitted.or_else(|| self.admission.turn_away())?,
            is_admitted,
            desk: self.desk(peer),
            tls: self.tls.as_ref().map(|tls| tls.current()),
            stopping: self.stopping.clone(),
            _open: self.open.clone(),
        })
    }

    fn desk(&self, peer: Option<SocketAddr>) -> Desk {
        Desk {
            host: Arc::clone(&self.host),
            peer,
            watch: Watch::begin(),
        }
    }
}

/// A connection on its way in.
struct Entrance {
    place: Place,
    is_admitted: bool,
    desk: Desk,
    tls: Option<Arc<ServerConfig>>,
    stopping: Stopping,
    _open: Sender<()>,
}

impl Entrance {
    async fn enter_tcp(self, stream: TcpStream) {
        match self.tls.clone() {
            None => self.enter(Stream::Tcp(stream)).await,
            // A handshake costs more than a connection that is turned away is worth.
            Some(_) if !self.is_admitted => {}
            Some(config) => {
                connection::serve_tls(stream, config, self.desk, self.stopping).await;
                drop(self.place);
            }
        }
    }

    async fn enter(self, stream: Stream) {
        if self.is_admitted {
            connection::serve_plain(stream, self.desk, self.stopping).await;
        } else {
            connection::turn_away(stream, self.desk, self.stopping).await;
        }
        drop(self.place);
    }
}

/// Says once that accepting fails, however often it does, until it works again.
#[derive(Default)]
struct Complaint {
    is_told: bool,
}

impl Complaint {
    async fn pause(&mut self, error: &io::Error) {
        // The client has given up before it was accepted: the next one is not affected.
        if error.kind() == io::ErrorKind::ConnectionAborted {
            return;
        }
        if !std::mem::replace(&mut self.is_told, true) {
            tracing::warn!(%error, "no connection can be accepted for now");
        }
        sleep(PAUSE).await;
    }
}
