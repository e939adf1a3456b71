//! Starts and stops the threads of a server.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{Builder, JoinHandle};
use std::time::Instant;

use kunci_transport::{Listen, Service, SocketFile};
use tiny_http::Server;

use crate::error::{End, ServeError};
use crate::host::Host;
use crate::limits::Limits;
use crate::reconnect;
use crate::response::ResponseBuffer;
use crate::threads::{self, lock};

/// A running server. Dropping it asks the server to stop and does not wait.
#[derive(Debug)]
pub struct Running {
    stop: StopHandle,
    main: Option<io::Result<JoinHandle<End>>>,
}

/// Stops a server from any thread, such as one that waits for signals. Clones stop the same server.
#[derive(Clone, Debug)]
pub struct StopHandle(Sender<End>);

impl StopHandle {
    /// Asks the server to accept nothing more and to finish the requests in flight. Does not wait.
    pub fn stop(&self) {
        // Sending fails if the server has ended.
        let _ = self.0.send(Ok(()));
    }
}

impl Running {
    /// Returns a handle that stops this server.
    pub fn stop_handle(&self) -> StopHandle {
        self.stop.clone()
    }

    /// Waits for the server to end. After a stop, that is when the requests in flight are answered, or
    /// after [`Limits::stop_time`]. Requests that are still in flight then end with the process.
    ///
    /// # Errors
    ///
    /// [`ServeError`] if the server ended without being stopped.
    pub fn wait(mut self) -> Result<(), ServeError> {
        let panicked = |_| Err(ServeError::Start("the main thread panicked".into()));
        match self.main.take() {
            Some(Ok(main)) => main.join().unwrap_or_else(panicked),
            Some(Err(error)) => Err(ServeError::Start(error.into())),
            None => Ok(()),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.stop();
    }
}

/// Starts a server on a listening socket.
pub(crate) fn start(
    listener: tiny_http::Listener,
    address: Listen,
    limits: Limits,
    service: Arc<dyn Service>,
    file: Option<SocketFile>,
) -> Running {
    let (end, ends) = channel();
    let host = Arc::new(Host::new(service, limits, end.clone(), &address));
    let main = move || {
        let result = run(listener, &address, &host, &ends);
        drop(file);
        result
    };
    Running {
        stop: StopHandle(end),
        main: Some(Builder::new().name("kunci-http".to_owned()).spawn(main)),
    }
}

fn run(listener: tiny_http::Listener, address: &Listen, host: &Arc<Host>, ends: &Receiver<End>) -> End {
    let server = Arc::new(Server::from_listener(listener, None).map_err(ServeError::Start)?);
    tracing::info!(%address, "serving");
    let result = match spawn_workers(&server, host) {
        Ok(()) => reconnect::run(address, host, ends),
        Err(error) => Err(ServeError::Start(error.into())),
    };
    if stop_workers(server, host) {
        tracing::info!("stopped");
    } else {
        tracing::warn!("stopped without waiting any longer for requests in flight");
    }
    result
}

/// Starts the quick workers last, because they pass requests to the others.
fn spawn_workers(server: &Arc<Server>, host: &Arc<Host>) -> io::Result<()> {
    for _ in 0..host.limits.slow_workers {
        let shared = Arc::clone(host);
        let work = move || answer_all(&shared);
        threads::spawn("kunci-slow", host.slow_workers.enter(usize::MAX), work)?;
    }
    for _ in 0..host.limits.quick_workers {
        let (shared, server) = (Arc::clone(host), Arc::clone(server));
        let work = move || receive_all(&server, &shared);
        threads::spawn("kunci-quick", host.quick_workers.enter(usize::MAX), work)?;
    }
    Ok(())
}

/// The work of a slow worker.
fn answer_all(host: &Host) {
    let mut buffer = ResponseBuffer::default();
    let next = || lock(&host.turns).recv();
    while let Ok(turn) = next() {
        host.answer(turn, &mut buffer);
    }
}

/// The work of a quick worker.
fn receive_all(server: &Server, host: &Arc<Host>) {
    let mut buffer = ResponseBuffer::default();
    loop {
        match server.recv() {
            Ok(request) => host.receive(request, &mut buffer),
            // `Server::unblock` results in an error too.
            Err(_) if host.is_ending.load(Ordering::Relaxed) => return,
            Err(error) => return host.fail(ServeError::Accept(error)),
        }
    }
}

/// Stops the workers in the order in which they pass requests on, so that all finish what they were
/// passed. Returns whether they have ended in time.
fn stop_workers(server: Arc<Server>, host: &Host) -> bool {
    let deadline = Instant::now() + host.limits.stop_time;
    host.is_ending.store(true, Ordering::Relaxed);
    (0..host.limits.quick_workers).for_each(|_| server.unblock());
    let quick = host.quick_workers.end_by(deadline);
    // The accept loop ends, unless a late worker holds the server too.
    drop(server);
    let bodies = host.body_readers.end_by(deadline);
    lock(&host.slow).take();
    quick & bodies & host.slow_workers.end_by(deadline)
}
