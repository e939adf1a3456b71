//! Binds, starts and stops a server.

use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use kunci_transport::{Listen, Service, SocketFile};
use tokio::net::{TcpListener, UnixListener};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::time::timeout;

use crate::accept::{Acceptor, accept_tcp, accept_unix};
use crate::admission::Admission;
use crate::descriptors;
use crate::error::{BindError, ServeError, TlsError};
use crate::limits::Limits;
use crate::listen::{self, Listener};
use crate::responder::ServerContext;
use crate::tls::{TlsConfig, TlsFiles};
use crate::workers::Workers;

/// A server that listens but is not started. Clients can connect, but get no response yet.
#[derive(Debug)]
pub struct Bound {
    sockets: Vec<(Listen, Listener)>,
    tls: Option<Arc<TlsConfig>>,
    limits: Limits,
}

/// Listens on every address. If a service manager passes sockets through `LISTEN_FDS`, those are used instead.
///
/// # Errors
/// Returns [`BindError`] if a socket cannot be opened or used.
pub fn bind(addresses: &[Listen], limits: Limits) -> Result<Bound, BindError> {
    let mut sockets = listen::inherited()?;
    if sockets.is_empty() {
        sockets = addresses.iter().map(listen::bind).collect::<Result<_, _>>()?;
    }
    Ok(Bound {
        sockets,
        tls: None,
        limits: limits.with_threads(),
    })
}

impl Bound {
    /// Enables TLS on TCP connections.
    ///
    /// # Errors
    /// Returns [`TlsError`] if the certificate or the key cannot be used.
    pub fn with_tls(mut self, files: TlsFiles) -> Result<Self, TlsError> {
        self.tls = Some(Arc::new(TlsConfig::load(files)?));
        Ok(self)
    }

    /// Returns the addresses as URLs: `http://127.0.0.1:8080`, `https://[::1]:8443`, `unix:/run/kunci.sock`.
    pub fn addresses(&self) -> Vec<String> {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        self.sockets
            .iter()
            .map(|(listen, _)| listen.url(scheme))
            .collect()
    }

    /// Starts the server.
    ///
    /// # Errors
    /// Returns [`ServeError::Start`] if the runtime or a thread cannot be started.
    pub fn serve(mut self, service: Arc<dyn Service>) -> Result<Running, ServeError> {
        let wanted = self.limits.connections;
        self.limits.connections = descriptors::possible_connections(wanted, descriptors::raise_limit());
        let runtime = runtime(&self.limits).map_err(ServeError::Start)?;
        let workers = Workers::start(self.limits.workers).map_err(ServeError::Start)?;
        let (stop, stopping) = watch::channel(false);
        let tls = self.tls.clone();
        let work = move || run(runtime, workers, self, service, stopping);
        let thread = thread::Builder::new().name("kunci-http".to_owned()).spawn(work);
        Ok(Running {
            handle: StopHandle {
                stop: Arc::new(stop),
                tls,
            },
            thread: thread.map_err(ServeError::Start)?,
        })
    }
}

/// Creates the runtime that accepts connections. Its blocking threads run the requests that can block.
fn runtime(limits: &Limits) -> io::Result<Runtime> {
    Builder::new_current_thread()
        .max_blocking_threads(limits.slow_workers)
        .thread_name("kunci-slow")
        .enable_io()
        .enable_time()
        .build()
}

/// A running server.
#[derive(Debug)]
pub struct Running {
    handle: StopHandle,
    thread: JoinHandle<Result<(), ServeError>>,
}

/// Stops a server or reloads its certificate from any thread. Clones refer to the same server.
#[derive(Clone, Debug)]
pub struct StopHandle {
    stop: Arc<watch::Sender<bool>>,
    tls: Option<Arc<TlsConfig>>,
}

impl StopHandle {
    /// Tells the server to accept no more connections or requests, and to finish the requests in flight.
    /// Returns at once. Further calls have no effect.
    pub fn stop(&self) {
        self.stop.send_replace(true);
    }

    /// Reloads the certificate and its key for new connections. Returns `false` if the server does not use TLS.
    ///
    /// # Errors
    /// Returns [`TlsError`] if the files cannot be used. The previous certificate and key stay in use.
    pub fn reload_tls(&self) -> Result<bool, TlsError> {
        self.tls
            .as_ref()
            .map_or(Ok(false), |tls| tls.reload().map(|()| true))
    }
}

impl Running {
    /// Returns a handle that stops this server.
    pub fn stop_handle(&self) -> StopHandle {
        self.handle.clone()
    }

    /// Waits until the server has ended. After a stop, it ends when the requests in flight are answered, or
    /// after [`Limits::stop_time`].
    ///
    /// # Errors
    /// Returns [`ServeError`] if the server could not start or panicked.
    pub fn wait(self) -> Result<(), ServeError> {
        self.thread.join().unwrap_or(Err(ServeError::Panicked))
    }
}

fn run(
    runtime: Runtime,
    workers: Workers,
    bound: Bound,
    service: Arc<dyn Service>,
    stopping: watch::Receiver<bool>,
) -> Result<(), ServeError> {
    let workers = Arc::new(workers);
    let ended = runtime.block_on(serve(bound, service, Arc::clone(&workers), stopping));
    // Dropping the runtime would wait for blocking requests without a time limit.
    runtime.shutdown_background();
    // All other references to the workers belong to tasks of this runtime.
    if let Some(workers) = Arc::into_inner(workers) {
        workers.stop();
    }
    ended.map_err(ServeError::Start)
}

async fn serve(
    bound: Bound,
    service: Arc<dyn Service>,
    workers: Arc<Workers>,
    mut stopping: watch::Receiver<bool>,
) -> io::Result<()> {
    let Bound { sockets, tls, limits } = bound;
    let (open_connection, mut all_closed) = mpsc::channel(1);
    let stop_time = limits.stop_time;
    let acceptor = Acceptor {
        admission: Admission::new(limits.connections, limits.connections_per_address),
        server: Arc::new(ServerContext {
            service,
            blocking: Handle::current(),
            slow_permits: Arc::new(Semaphore::new(limits.slow_workers + limits.slow_queue)),
            limits,
        }),
        workers,
        tls,
        stopping: stopping.clone(),
        open_connection,
    };
    // Dropping these removes the files of Unix sockets.
    let socket_files = start_accepting(sockets, &acceptor)?;
    // An error means that all stop handles were dropped, which also stops the server.
    let _ = stopping.wait_for(|stopping| *stopping).await;
    drop((acceptor, socket_files));
    if timeout(stop_time, all_closed.recv()).await.is_err() {
        tracing::warn!("stopped before all requests in flight were answered");
    } else {
        tracing::info!("stopped");
    }
    Ok(())
}

fn start_accepting(sockets: Vec<(Listen, Listener)>, acceptor: &Acceptor) -> io::Result<Vec<SocketFile>> {
    let mut files = Vec::new();
    for (listen, socket) in sockets {
        tracing::info!(address = %listen, tls = acceptor.tls.is_some(), "serving");
        match socket {
            Listener::Tcp(listener) => {
                listener.set_nonblocking(true)?;
                tokio::spawn(accept_tcp(TcpListener::from_std(listener)?, acceptor.clone()));
            }
            Listener::Unix(listener, file) => {
                listener.set_nonblocking(true)?;
                files.extend(file);
                tokio::spawn(accept_unix(UnixListener::from_std(listener)?, acceptor.clone()));
            }
        }
    }
    Ok(files)
}
