//! A TCP proxy that cuts or stalls connections at a chosen point, for stores on a network.

#![allow(clippy::expect_used, reason = "a test whose proxy cannot work fails")]

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// Which side of a request is lost with the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// The server never gets the request.
    Request,
    /// The server gets the request and answers, and the client never gets the response.
    Response,
}

/// A proxy on a port of this machine. It forwards every connection until it is told otherwise.
///
/// It is for protocols in which a client waits for the response to each request.
#[derive(Debug)]
pub struct TcpProxy {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    target: SocketAddr,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// Whether connections are closed at once.
    is_away: bool,
    /// Whether nothing is forwarded.
    is_stalled: bool,
    has_ended: bool,
    cut: Option<(Vec<u8>, Cut)>,
    requests: usize,
    open: Vec<TcpStream>,
}

impl TcpProxy {
    /// Starts a proxy for a server.
    ///
    /// # Panics
    /// Panics if there is no free port.
    #[must_use]
    pub fn start(target: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("the port");
        let shared = Arc::new(Shared {
            target,
            state: Mutex::default(),
            changed: Condvar::new(),
        });
        let acceptor = Arc::clone(&shared);
        thread::spawn(move || accept(&listener, &acceptor));
        Self { address, shared }
    }

    /// Returns the address for clients.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Cuts the connection of the next request that contains `bytes`, once.
    pub fn cut_at(&self, bytes: &[u8], cut: Cut) {
        self.shared.lock().cut = Some((bytes.to_owned(), cut));
    }

    /// Returns whether the cut has been made.
    #[must_use]
    pub fn has_cut(&self) -> bool {
        self.shared.lock().cut.is_none()
    }

    /// Returns how many requests were read. A request of less than 64 KiB is one, if it was written at once.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.shared.lock().requests
    }

    /// Closes all connections, and closes new ones at once.
    pub fn go_away(&self) {
        self.shared.lock().is_away = true;
        self.close_connections();
    }

    /// Closes all connections. New ones are forwarded.
    pub fn close_connections(&self) {
        let open = std::mem::take(&mut self.shared.lock().open);
        open.iter().for_each(close);
    }

    /// Accepts connections and requests, but forwards nothing.
    pub fn stall(&self) {
        self.shared.lock().is_stalled = true;
    }

    /// Forwards connections again after [`go_away`](Self::go_away) or [`stall`](Self::stall).
    pub fn come_back(&self) {
        let mut state = self.shared.lock();
        (state.is_away, state.is_stalled) = (false, false);
        drop(state);
        self.shared.changed.notify_all();
    }
}

impl Drop for TcpProxy {
    fn drop(&mut self) {
        self.shared.lock().has_ended = true;
        self.come_back();
        self.close_connections();
        // Ends the wait for connections.
        drop(TcpStream::connect(self.address));
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the proxy forwards.
    fn wait(&self) {
        let stalled = self.changed.wait_while(self.lock(), |state| state.is_stalled);
        drop(stalled.unwrap_or_else(PoisonError::into_inner));
    }

    /// Returns the cut if its bytes are in `sent`. Otherwise keeps as much of it as may be their beginning.
    fn take_cut(&self, sent: &mut Vec<u8>) -> Option<Cut> {
        let mut state = self.lock();
        let Some((bytes, cut)) = &state.cut else {
            sent.clear();
            return None;
        };
        if sent.windows(bytes.len()).any(|window| window == bytes) {
            let cut = *cut;
            state.cut = None;
            return Some(cut);
        }
        sent.drain(..(sent.len() + 1).saturating_sub(bytes.len()));
        None
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for client in listener.incoming() {
        let (is_away, has_ended) = {
            let state = shared.lock();
            (state.is_away, state.has_ended)
        };
        if has_ended {
            return;
        }
        if let Ok(client) = client
            && !is_away
        {
            forward(client, shared);
        }
    }
}

/// Forwards a connection on two threads, if the server accepts it.
fn forward(client: TcpStream, shared: &Arc<Shared>) {
    let Ok(server) = TcpStream::connect(shared.target) else {
        return;
    };
    let copy = |stream: &TcpStream| stream.try_clone().expect("a copy of a socket");
    for stream in [&client, &server] {
        stream.set_nodelay(true).expect("a socket");
        shared.lock().open.push(copy(stream));
    }
    let loses_response = Arc::new(Mutex::new(false));
    let pairs = [(copy(&client), copy(&server)), (server, client)];
    for (is_request, (from, to)) in [true, false].into_iter().zip(pairs) {
        let (shared, loses_response) = (Arc::clone(shared), Arc::clone(&loses_response));
        thread::spawn(move || {
            copy_bytes(&from, &to, &shared, is_request, &loses_response);
            close(&from);
            close(&to);
        });
    }
}

/// Copies bytes until the connection ends or is cut.
fn copy_bytes(
    mut from: &TcpStream,
    mut to: &TcpStream,
    shared: &Shared,
    is_request: bool,
    loses_response: &Mutex<bool>,
) {
    let (mut buffer, mut sent) = (vec![0; 64 * 1024], Vec::new());
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        shared.wait();
        let mut is_lost = loses_response.lock().unwrap_or_else(PoisonError::into_inner);
        if is_request {
            shared.lock().requests += 1;
            // The bytes of the cut may be split between two reads.
            sent.extend_from_slice(&buffer[..length]);
            match shared.take_cut(&mut sent) {
                Some(Cut::Request) => return,
                Some(Cut::Response) => *is_lost = true,
                None => {}
            }
        } else if *is_lost {
            return;
        }
        drop(is_lost);
        if to.write_all(&buffer[..length]).is_err() {
            return;
        }
    }
}

fn close(stream: &TcpStream) {
    // The other side may have closed it already.
    let _ = stream.shutdown(Shutdown::Both);
}
