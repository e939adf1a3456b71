//! The life of a server: its threads, its supervisor, its end.
//! Leaves out what the threads do with requests.

use std::io;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};
use std::time::Instant;

use kunci_transport::{Listen, Service, SocketFile};
use tiny_http::Server;

use crate::control::Control;
use crate::crew::Crew;
use crate::error::ServeError;
use crate::host::Host;
use crate::keeper;
use crate::limits::Limits;
use crate::reception::Reception;
use crate::reply::Desk;

/// A server at work. Dropping it asks it to stop, and does not wait.
#[derive(Debug)]
pub struct Running {
    control: Arc<Control>,
    supervisor: Option<io::Result<JoinHandle<()>>>,
}

/// Stops a server from anywhere, such as a thread that waits for signals. Clones stop the same one.
#[derive(Clone, Debug)]
pub struct StopHandle {
    control: Arc<Control>,
}

impl StopHandle {
    /// Asks the server to end: to accept nothing more, and to finish what it has begun. Returns at
    /// once; may be repeated.
    pub fn stop(&self) {
        self.control.stop();
    }
}

impl Running {
    /// A handle that stops this server.
    pub fn stop_handle(&self) -> StopHandle {
        StopHandle {
            control: Arc::clone(&self.control),
        }
    }

    /// Waits for the server to end. After a stop, that is when the requests in flight are answered, or
    /// [`Limits::stop_time`] has passed; requests that are still in flight then end with the process.
    ///
    /// # Errors
    ///
    /// What ended a server that was not stopped, see [`ServeError`].
    pub fn wait(mut self) -> Result<(), ServeError> {
        let gone = || io::Error::other("the supervisor panicked");
        match self.supervisor.take() {
            Some(Ok(supervisor)) => supervisor.join().map_err(|_| ServeError::Thread(gone()))?,
            Some(Err(error)) => return Err(ServeError::Thread(error)),
            None => {}
        }
        self.control.outcome()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.control.stop();
    }
}

/// Starts a server on a socket that listens already.
pub(crate) fn start(
    listener: tiny_http::Listener,
    address: Listen,
    limits: Limits,
    service: Arc<dyn Service>,
    file: Option<SocketFile>,
) -> Running {
    let control = Arc::new(Control::default());
    let supervisor = Supervisor {
        host: Arc::new(Host::new(service, limits, Arc::clone(&control), &address)),
        address,
        quick: Arc::default(),
        body: Arc::default(),
        slow: Arc::default(),
        _file: file,
    };
    let work = move || supervisor.run(listener);
    // tiny_http's threads inherit the name.
    let supervisor = Builder::new().name("kunci-http".to_owned()).spawn(work);
    Running {
        control,
        supervisor: Some(supervisor),
    }
}

struct Supervisor {
    host: Arc<Host>,
    address: Listen,
    quick: Arc<Crew>,
    body: Arc<Crew>,
    slow: Arc<Crew>,
    _file: Option<SocketFile>,
}

impl Supervisor {
    fn run(self, listener: tiny_http::Listener) {
        let host = &*self.host;
        let reception = match Server::from_listener(listener, None) {
            Ok(server) => Arc::new(Reception::new(server)),
            Err(error) => return host.control.fail(ServeError::Start(error)),
        };
        tracing::info!(address = %self.address, "serving");
        match self.hire(&reception) {
            Ok(()) => keeper::keep(&self.address, &host.control, &host.newcomers, &host.peers),
            Err(error) => host.control.fail(ServeError::Thread(error)),
        }
        let late = self.wind_up(reception, Instant::now() + host.limits.stop_time);
        if late > 0 {
            tracing::warn!(late, "stopped without waiting any longer for requests in flight");
        } else {
            tracing::info!("stopped");
        }
    }

    /// Those who bring requests come last, when those whom they bring them to are there.
    fn hire(&self, reception: &Arc<Reception>) -> io::Result<()> {
        let Limits {
            quick_workers,
            body_workers,
            slow_workers,
            ..
        } = self.host.limits;
        for _ in 0..body_workers {
            let host = Arc::clone(&self.host);
            self.body.spawn("kunci-body", move || read_bodies(&host))?;
        }
        for _ in 0..slow_workers {
            let host = Arc::clone(&self.host);
            self.slow.spawn("kunci-slow", move || work_slowly(&host))?;
        }
        for _ in 0..quick_workers {
            let (host, reception) = (Arc::clone(&self.host), Arc::clone(reception));
            self.quick
                .spawn("kunci-quick", move || work_quickly(&host, &reception))?;
        }
        Ok(())
    }

    /// Ends in the order in which requests travel, so that each crew finishes what the one before has
    /// left to it, and says how many threads have not ended in time.
    fn wind_up(&self, reception: Arc<Reception>, deadline: Instant) -> usize {
        let host = &*self.host;
        reception.close();
        let mut late = self.quick.wait_gone(deadline);
        // Ends the accept loop, unless a worker that is late holds the server too.
        drop(reception);
        host.unread.close();
        late += self.body.wait_gone(deadline);
        host.slow.close();
        late + self.slow.wait_gone(deadline)
    }
}

fn work_quickly(host: &Host, reception: &Reception) {
    let mut desk = Desk::default();
    let admit = |request| host.admit(request);
    loop {
        match reception.next(&admit) {
            Ok(Some(request)) => host.answer_quickly(request, &mut desk),
            Ok(None) => return,
            Err(error) => return host.control.fail(ServeError::Accept(error)),
        }
    }
}

fn read_bodies(host: &Host) {
    let mut desk = Desk::default();
    while let Some(exchange) = host.unread.pop() {
        host.read_body(exchange, &mut desk);
    }
}

fn work_slowly(host: &Host) {
    let mut desk = Desk::default();
    while let Some(turn) = host.slow.pop() {
        host.answer_slowly(turn, &mut desk);
    }
}
