//! Starts and stops the threads of a server.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{Builder, JoinHandle};
use std::time::Instant;

use kunci_transport::{Listen, Service, SocketFile};
use tiny_http::Server;

use crate::error::ServeError;
use crate::host::Host;
use crate::limits::Limits;
use crate::reconnect;
use crate::response::ResponseBuffer;
use crate::threads::{self, Threads};

/// The reason for which a server must end.
pub(crate) type End = Result<(), ServeError>;

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
    /// Asks the server to accept nothing more and to finish the requests in flight. Returns at once and
    /// can be repeated.
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
        let panicked = |_| Err(ServeError::Thread(io::Error::other("the main thread panicked")));
        match self.main.take() {
            Some(Ok(main)) => main.join().unwrap_or_else(panicked),
            Some(Err(error)) => Err(ServeError::Thread(error)),
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
    let main = Builder::new().name("kunci-http".to_owned()).spawn(main);
    Running {
        stop: StopHandle(end),
        main: Some(main),
    }
}

fn run(listener: tiny_http::Listener, address: &Listen, host: &Arc<Host>, ends: &Receiver<End>) -> End {
    let server = Arc::new(Server::from_listener(listener, None).map_err(ServeError::Start)?);
    tracing::info!(%address, "serving");
    let (quick, slow) = (Arc::default(), Arc::default());
    let result = match spawn_workers(&server, host, &quick, &slow) {
        Ok(()) => reconnect::run(address, host, ends),
        Err(error) => Err(ServeError::Thread(error)),
    };
    if stop_workers(server, host, &quick, &slow) {
        tracing::info!("stopped");
    } else {
        tracing::warn!("stopped without waiting any longer for requests in flight");
    }
    result
}

/// Starts the quick workers last, because they pass requests to the others.
fn spawn_workers(
    server: &Arc<Server>,
    host: &Arc<Host>,
    quick: &Arc<Threads>,
    slow: &Arc<Threads>,
) -> io::Result<()> {
    for _ in 0..host.limits.slow_workers {
        let host = Arc::clone(host);
        threads::spawn("kunci-slow", slow.enter(usize::MAX), move || {
            let mut buffer = ResponseBuffer::default();
            while let Some(turn) = host.slow.pop() {
                host.answer_slowly(turn, &mut buffer);
            }
        })?;
    }
    for _ in 0..host.limits.quick_workers {
        let (host, server) = (Arc::clone(host), Arc::clone(server));
        let work = move || receive_all(&server, &host);
        threads::spawn("kunci-quick", quick.enter(usize::MAX), work)?;
    }
    Ok(())
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
fn stop_workers(server: Arc<Server>, host: &Host, quick: &Threads, slow: &Threads) -> bool {
    let deadline = Instant::now() + host.limits.stop_time;
    host.is_ending.store(true, Ordering::Relaxed);
    (0..host.limits.quick_workers).for_each(|_| server.unblock());
    let is_in_time = quick.end_by(deadline);
    // The accept loop ends, unless a late worker holds the server too.
    drop(server);
    let is_in_time = is_in_time & host.bodies.end_by(deadline);
    host.slow.close();
    is_in_time & slow.end_by(deadline)
}
