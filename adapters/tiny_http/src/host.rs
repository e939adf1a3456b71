//! Handles requests: answers quick ones, and passes the others to body readers and slow workers.

use std::io::{ErrorKind, Write};
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use bytes::Bytes;
use http::{Request, StatusCode};
use kunci_transport::{Listen, Service, may_block};
use nix::sys::socket::Shutdown;

use crate::close;
use crate::convert::{self, mark_refused};
use crate::error::{End, ServeError};
use crate::framing::{self, Body};
use crate::limits::Limits;
use crate::response::{Form, ResponseBuffer};
use crate::sockets::{Connection, is_timeout};
use crate::threads::{self, Threads, lock};

/// Everything that the threads of one server share.
pub(crate) struct Host {
    service: Arc<dyn Service>,
    pub(crate) limits: Limits,
    end: Sender<End>,
    pub(crate) is_ending: AtomicBool,
    /// Whether a request has arrived since this was last reset.
    pub(crate) is_active: AtomicBool,
    /// Passes complete requests whose handling can block to slow workers. None after a stop.
    pub(crate) slow: Mutex<Option<SyncSender<Turn>>>,
    pub(crate) turns: Mutex<Receiver<Turn>>,
    pub(crate) quick_workers: Arc<Threads>,
    pub(crate) slow_workers: Arc<Threads>,
    /// The threads that each read one body.
    pub(crate) body_readers: Arc<Threads>,
    closers: Arc<Threads>,
    /// The server's end of every connection. None on Unix sockets.
    local: Option<SocketAddr>,
}

/// A complete request, and the writer of its response.
pub(crate) struct Turn {
    request: Request<Bytes>,
    writer: Box<dyn Write + Send>,
    connection: Option<Connection>,
    form: Form,
}

impl Host {
    pub(crate) fn new(service: Arc<dyn Service>, limits: Limits, end: Sender<End>, address: &Listen) -> Self {
        let (slow, turns) = sync_channel(limits.slow_queue);
        Self {
            service,
            limits,
            end,
            is_ending: AtomicBool::new(false),
            is_active: AtomicBool::new(false),
            slow: Mutex::new(Some(slow)),
            turns: Mutex::new(turns),
            quick_workers: Arc::default(),
            slow_workers: Arc::default(),
            body_readers: Arc::default(),
            closers: Arc::default(),
            local: match address {
                Listen::Tcp(address) => Some(*address),
                Listen::Unix(_) => None,
            },
        }
    }

    /// Ends the server with an error.
    pub(crate) fn fail(&self, error: ServeError) {
        // Sending fails if the server has ended.
        let _ = self.end.send(Err(error));
    }

    /// Handles a request that tiny_http has received.
    pub(crate) fn receive(self: &Arc<Self>, request: tiny_http::Request, buffer: &mut ResponseBuffer) {
        // The flag is written only when it changes, so that workers do not contend for it.
        if !self.is_active.load(Ordering::Relaxed) {
            self.is_active.store(true, Ordering::Relaxed);
        }
        survive(|| self.route(request, buffer));
    }

    fn route(self: &Arc<Self>, request: tiny_http::Request, buffer: &mut ResponseBuffer) {
        let body = framing::body(&request);
        if let Some(status) = framing::fault(&request, body, &self.limits) {
            return self.refuse(request, body, status, buffer);
        }
        let (Body::InMemory(length) | Body::Unread(length)) = body else {
            return self.refuse(request, body, StatusCode::LENGTH_REQUIRED, buffer);
        };
        if body == Body::InMemory(length) {
            return self.read_body(request, body, length, buffer);
        }
        let Some(slot) = self.body_readers.enter(self.limits.body_readers) else {
            return self.refuse(request, body, StatusCode::SERVICE_UNAVAILABLE, buffer);
        };
        let host = Arc::clone(self);
        let read = move || host.read_body(request, body, length, &mut ResponseBuffer::default());
        if let Err(error) = threads::spawn("kunci-body", Some(slot), read) {
            tracing::error!(%error, "cannot start a thread");
        }
    }

    /// Reads the body, and then answers the request or passes it to a slow worker. A request whose body was
    /// on the connection goes to a slow worker, because stores keep a connection for each thread.
    fn read_body(
        self: &Arc<Self>,
        mut request: tiny_http::Request,
        state: Body,
        length: usize,
        buffer: &mut ResponseBuffer,
    ) {
        let body = match read(&mut request, length, Instant::now() + self.limits.body_time) {
            Ok(body) => body,
            Err(status) => return self.refuse(request, state, status, buffer),
        };
        let Ok(whole) = convert::strict(&request) else {
            return self.refuse(request, Body::InMemory(0), StatusCode::BAD_REQUEST, buffer);
        };
        let is_slow =
            matches!(state, Body::Unread(_)) || may_block(&*self.service, whole.method(), whole.uri().path());
        let turn = self.turn(request, whole.map(|_| body));
        if !is_slow {
            return self.answer(turn, buffer);
        }
        let passed = match &*lock(&self.slow) {
            Some(slow) => slow
                .try_send(turn)
                .map_err(|(TrySendError::Full(turn) | TrySendError::Disconnected(turn))| turn),
            None => Err(turn),
        };
        if let Err(turn) = passed {
            let request = mark_refused(turn.request, StatusCode::SERVICE_UNAVAILABLE);
            self.answer(Turn { request, ..turn }, buffer);
        }
    }

    /// Refuses a request. If its body is unread, its connection is closed.
    fn refuse(
        &self,
        request: tiny_http::Request,
        body: Body,
        status: StatusCode,
        buffer: &mut ResponseBuffer,
    ) {
        let refused = convert::refused(&request, &self.limits, status);
        let rest = match body {
            Body::InMemory(_) => {
                let mut turn = self.turn(request, refused);
                turn.form.closes = true;
                return self.answer(turn, buffer);
            }
            Body::Unread(length) => Some(length),
            Body::Chunked => None,
        };
        let response = kunci_transport::answer(&*self.service, refused);
        let connection = self.connection(&request);
        close::answer(&response, request, rest, connection, &self.closers);
    }

    /// Calls the service and writes its response.
    pub(crate) fn answer(&self, mut turn: Turn, buffer: &mut ResponseBuffer) {
        let response = kunci_transport::answer(&*self.service, turn.request);
        turn.form.closes |= self.is_ending.load(Ordering::Relaxed);
        let bytes = buffer.format(&response, turn.form);
        let written = turn.writer.write_all(bytes).and_then(|()| turn.writer.flush());
        // After a timeout, a part of the response may have been sent, so no other may follow.
        let is_late = written.is_err_and(|error| is_timeout(error.kind()));
        if is_late {
            turn.connection
                .map(|connection| connection.shutdown(Shutdown::Both));
        }
    }

    /// Drops tiny_http's request, of which nothing may be left to read.
    fn turn(&self, request: tiny_http::Request, converted: Request<Bytes>) -> Turn {
        Turn {
            request: converted,
            connection: self.connection(&request),
            form: Form {
                is_head: *request.method() == tiny_http::Method::Head,
                closes: framing::is_last(&request),
            },
            writer: request.into_writer(),
        }
    }

    fn connection(&self, request: &tiny_http::Request) -> Option<Connection> {
        let (local, peer) = (self.local?, *request.remote_addr()?);
        Some(Connection { local, peer })
    }
}

/// Reads exactly `length` bytes. A read blocks for as long as the connection allows, so the deadline can
/// be exceeded by one read.
///
/// # Errors
/// 408 if the body is not complete at the deadline, 400 if the connection ends before.
fn read(request: &mut tiny_http::Request, length: usize, deadline: Instant) -> Result<Bytes, StatusCode> {
    let mut body = vec![0; length];
    let mut filled = 0;
    while filled < length {
        match request.as_reader().read(&mut body[filled..]) {
            Ok(0) => return Err(StatusCode::BAD_REQUEST),
            Ok(count) => filled += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if is_timeout(error.kind()) => return Err(StatusCode::REQUEST_TIMEOUT),
            Err(_) => return Err(StatusCode::BAD_REQUEST),
        }
        if filled < length && Instant::now() > deadline {
            return Err(StatusCode::REQUEST_TIMEOUT);
        }
    }
    Ok(body.into())
}

/// Keeps the worker alive if handling a request panics.
fn survive(work: impl FnOnce()) {
    if catch_unwind(AssertUnwindSafe(work)).is_err() {
        tracing::error!("handling a request panicked");
    }
}
