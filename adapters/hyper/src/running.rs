//! The life of a server: its runtime, its listeners, its end.
//! Leaves out what happens on a connection.

use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use kunci_transport::{Listen, Service, SocketFile};
use tokio::net::{TcpListener, UnixListener};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::time::timeout;

use crate::accept::{Door, accept_tcp, accept_unix};
use crate::admission::Admission;
use crate::descriptors;
use crate::error::{BindError, ServeError, TlsError};
use crate::exchange::Host;
use crate::limits::Limits;
use crate::listen::{self, Listener};
use crate::tls::{Tls, TlsFiles};
use crate::workers::Workers;

/// Listening sockets. Clients can connect, and wait until they are served.
#[derive(Debug)]
pub struct Bound {
    sockets: Vec<(Listen, Listener)>,
    tls: Option<Arc<Tls>>,
    limits: Limits,
}

/// Listens at every address, or on the sockets that a supervisor hands over with `LISTEN_FDS`, if it
/// does, in their place.
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
    /// Has TCP connections encrypted.
    ///
    /// # Errors
    /// [`TlsError`], when certificate or key cannot be used.
    pub fn with_tls(mut self, files: TlsFiles) -> Result<Self, TlsError> {
        self.tls = Some(Arc::new(Tls::load(files)?));
        Ok(self)
    }

    /// Where it listens, as URLs: `http://127.0.0.1:8080`, `https://[::1]:8443`, `unix:/run/kunci.sock`.
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

/// What accepts connections, and has threads for requests that may wait.
fn runtime(limits: &Limits) -> io::Result<Runtime> {
    Builder::new_current_thread()
        .max_blocking_threads(limits.slow_workers)
        .thread_name("kunci-slow")
        .enable_io()
        .enable_time()
        .build()
}

/// A server at work.
#[derive(Debug)]
pub struct Running {
    handle: StopHandle,
    thread: JoinHandle<Result<(), ServeError>>,
}

/// Stops a server, or has it read its certificate again, from anywhere. Clones mean the same one.
#[derive(Clone, Debug)]
pub struct StopHandle {
    stop: Arc<watch::Sender<bool>>,
    tls: Option<Arc<Tls>>,
}

impl StopHandle {
    /// Asks the server to end: to accept nothing more, and to finish what it has begun. Returns at
    /// once; may be repeated.
    pub fn stop(&self) {
        self.stop.send_replace(true);
    }

    /// Reads certificate and key again, for connections to come; tells whether there were any.
    ///
    /// # Errors
    /// [`TlsError`]; then the former ones stay in use.
    pub fn reload_tls(&self) -> Result<bool, TlsError> {
        self.tls
            .as_ref()
            .map_or(Ok(false), |tls| tls.reload().map(|()| true))
    }
}

impl Running {
    /// A handle that stops this server.
    pub fn stop_handle(&self) -> StopHandle {
        self.handle.clone()
    }

    /// Waits for the server to end: when it was stopped and the requests in flight are answered, or
    /// [`Limits::stop_time`] has passed.
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
    // Dropping it would wait for slow requests without end.
    runtime.shutdown_background();
    // With the runtime went all that could still have had connections for them.
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
    let door = Door {
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
    // The files of Unix sockets go when their listeners have.
    let files = open_doors(sockets, &door)?;
    // An error would mean that nobody is left who could stop it, which is as good as a stop.
    let _ = stopping.wait_for(|stopping| *stopping).await;
    drop((door, files));
    if timeout(stop_time, all_closed.recv()).await.is_err() {
        tracing::warn!("stopped without waiting any longer for requests in flight");
    } else {
        tracing::info!("stopped");
    }
    Ok(())
}

fn open_doors(sockets: Vec<(Listen, Listener)>, door: &Door) -> io::Result<Vec<SocketFile>> {
    let mut files = Vec::new();
    for (listen, socket) in sockets {
        tracing::info!(address = %listen, tls = door.tls.is_some(), "serving");
        match socket {
            Listener::Tcp(listener) => {
                listener.set_nonblocking(true)?;
                tokio::spawn(accept_tcp(TcpListener::from_std(listener)?, door.clone()));
            }
            Listener::Unix(listener, file) => {
                listener.set_nonblocking(true)?;
                files.extend(file);
                tokio::spawn(accept_unix(UnixListener::from_std(listener)?, door.clone()));
            }
        }
    }
    Ok(files)
}
