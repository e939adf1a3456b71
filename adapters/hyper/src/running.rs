//! Starts and stops a server.

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
use crate::exchange::Host;
use crate::limits::Limits;
use crate::listen::{self, Listener};
use crate::tls::{Tls, TlsFiles};
use crate::workers::Workers;

/// Listening sockets. Clients can connect, and wait until the server starts.
#[derive(Debug)]
pub struct Bound {
    sockets: Vec<(Listen, Listener)>,
    tls: Option<Arc<Tls>>,
    limits: Limits,
}

/// Listens at every address. If a service manager passes sockets with `LISTEN_FDS`, those are used instead.
///
/// # Errors
/// [`BindError`].
pub fn bind(addresses: &[Listen], limits: Limits) -> Result<Bound, BindError> {
    let mut sockets = listen::inherited()?;
    if sockets.is_empty() {
        sockets = addresses.iter().map(listen::bind).collect::<Result<_, _>>()?;
    }
    Ok(Bound {
        sockets,
        tls: None,
        limits: limits.workable(),
    })
}

impl Bound {
    /// Enables TLS on TCP connections.
    ///
    /// # Errors
    /// [`TlsError`] if the certificate or the key cannot be used.
    pub fn with_tls(mut self, files: TlsFiles) -> Result<Self, TlsError> {
        self.tls = Some(Arc::new(Tls::load(files)?));
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

    /// Starts to serve.
    ///
    /// # Errors
    /// [`ServeError::Start`].
    pub fn serve(mut self, service: Arc<dyn Service>) -> Result<Running, ServeError> {
        let wanted = self.limits.connections;
        self.limits.connections = descriptors::affordable(wanted, descriptors::raise_limit());
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

/// Creates the runtime that accepts connections and has the threads for requests that can block.
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
    tls: Option<Arc<Tls>>,
}

impl StopHandle {
    /// Asks the server to accept nothing more and to finish the requests in flight. Returns at once and can be
    /// repeated.
    pub fn stop(&self) {
        self.stop.send_replace(true);
    }

    /// Reloads certificate and key for new connections. Returns whether the server has any.
    ///
    /// # Errors
    /// [`TlsError`]; the previous certificate and key stay in use.
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

    /// Waits for the server to end. After a stop, that is when the requests in flight are answered, or after
    /// [`Limits::stop_time`].
    ///
    /// # Errors
    /// [`ServeError`].
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
    // Dropping the runtime would wait for slow requests without a limit.
    runtime.shutdown_background();
    // Only tasks of the runtime hold other references to the workers.
    if let Some(workers) = Arc::into_inner(workers) {
        workers.end();
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
    let (open, mut all_closed) = mpsc::channel(1);
    let stop_time = limits.stop_time;
    let acceptor = Acceptor {
        admission: Admission::new(limits.connections, limits.connections_per_address),
        host: Arc::new(Host {
            service,
            blocking: Handle::current(),
            slow: Arc::new(Semaphore::new(limits.slow_workers + limits.slow_queue)),
            limits,
        }),
        workers,
        tls,
        stopping: stopping.clone(),
        open,
    };
    // The files of Unix sockets are removed after their listeners are closed.
    let files = start_accepting(sockets, &acceptor)?;
    // An error means that all handles are dropped, which stops the server too.
    let _ = stopping.wait_for(|stopping| *stopping).await;
    drop((acceptor, files));
    if timeout(stop_time, all_closed.recv()).await.is_err() {
        tracing::warn!("stopped without waiting any longer for requests in flight");
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
