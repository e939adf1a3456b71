//! Accepts connections, and sees to it that running out of anything only pauses that.
//! Leaves out what happens on a connection.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream, UnixListener};
use tokio::sync::mpsc::Sender;
use tokio::time::sleep;

use crate::admission::{Admission, Place};
use crate::connection::{self, Stopping};
use crate::exchange::{Desk, Host};
use crate::tls::Tls;
use crate::watch::Watch;

/// How long accepting pauses when the process has no descriptor, or the system no memory, left.
const PAUSE: Duration = Duration::from_millis(50);

/// All that a connection needs.
#[derive(Clone)]
pub(crate) struct Door {
    pub(crate) host: Arc<Host>,
    pub(crate) admission: Arc<Admission>,
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
            Ok((stream, peer)) => door.enter_tcp(stream, peer),
            Err(error) => complaint.pause(&error).await,
        }
    }
}

/// Accepts connections from this machine until the server stops.
pub(crate) async fn accept_unix(listener: UnixListener, door: Door) {
    let mut complaint = Complaint::default();
    while let Some(accepted) = door.unless_stopping(listener.accept()).await {
        match accepted {
            Ok((stream, _)) => match door.admission.admit(None) {
                Some(place) => door.serve(stream, None, place),
                None => door.turn_away(stream, None),
            },
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
        match (self.admission.admit(Some(peer.ip())), &self.tls) {
            (Some(place), None) => self.serve(stream, Some(peer), place),
            (Some(place), Some(tls)) => {
                let work = connection::serve_tls(
                    stream,
                    tls.current(),
                    self.desk(Some(peer)),
                    self.stopping.clone(),
                );
                self.spawn(work, place);
            }
            (None, None) => self.turn_away(stream, Some(peer)),
            // A handshake costs more than a connection that is turned away is worth.
            (None, Some(_)) => {}
        }
    }

    fn serve<S>(&self, stream: S, peer: Option<SocketAddr>, place: Place)
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        self.spawn(
            connection::serve_plain(stream, self.desk(peer), self.stopping.clone()),
            place,
        );
    }

    fn turn_away<S>(&self, stream: S, peer: Option<SocketAddr>)
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        if let Some(place) = self.admission.turn_away() {
            self.spawn(
                connection::turn_away(stream, self.desk(peer), self.stopping.clone()),
                place,
            );
        }
    }

    fn spawn(&self, work: impl Future<Output = ()> + Send + 'static, place: Place) {
        let open = self.open.clone();
        tokio::spawn(async move {
            work.await;
            drop((place, open));
        });
    }

    fn desk(&self, peer: Option<SocketAddr>) -> Desk {
        Desk {
            host: Arc::clone(&self.host),
            peer,
            watch: Watch::begin(),
        }
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
