//! Clients that send requests and read no responses.

use std::io;
use std::time::Instant;

use super::{SHORT_SETTING, server, serves_promptly, sockets};
use crate::support::{PATIENCE, Server, Socket, Transport, for_each_transport};

for_each_transport!(clients_that_read_nothing_do_not_delay_others);

const ASK: &[u8] = b"GET /login HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\n\r\n";

/// A client that only sends requests.
struct Asker {
    socket: Socket,
    requests: Vec<u8>,
    /// Bytes of `requests` that were sent.
    sent: usize,
}

impl Asker {
    fn of(server: &Server) -> Self {
        Self {
            socket: Socket::connect(server.address()),
            requests: ASK.repeat(100),
            sent: 0,
        }
    }

    /// Sends requests until sending would block. Fails if the connection is closed.
    fn ask_on(&mut self) -> io::Result<()> {
        loop {
            let count = self.socket.stuff(&self.requests[self.sent..])?;
            if count == 0 {
                return Ok(());
            }
            self.sent = (self.sent + count) % self.requests.len();
        }
    }
}

fn clients_that_read_nothing_do_not_delay_others(transport: Transport) {
    let server = server(
        transport,
        &format!("server.limits.request_timeout = \"{SHORT_SETTING}\""),
    );
    match transport {
        Transport::TinyHttp => tiny_http_waits_for_them(&server),
        Transport::Hyper => they_are_dropped(&server),
    }
    serves_promptly(&server);
}

/// tiny_http reads all requests. Each client holds workers while its responses cannot be written.
fn tiny_http_waits_for_them(server: &Server) {
    const REQUESTS: usize = 900;
    let mut askers = sockets(server, 2);
    for asker in &mut askers {
        asker.send(ASK.repeat(REQUESTS)).unwrap();
        serves_promptly(server);
    }
    for asker in &mut askers {
        for _ in 0..REQUESTS {
            assert_eq!(asker.answer().status, 200);
        }
    }
}

fn they_are_dropped(server: &Server) {
    serves_promptly(server);
    let before = server.peak_memory();
    let begin = Instant::now();
    let mut askers: Vec<_> = (0..12).map(|_| Asker::of(server)).collect();
    while !askers.is_empty() {
        assert!(begin.elapsed() < PATIENCE, "{} are open still", askers.len());
        askers.retain_mut(|asker| asker.ask_on().is_ok());
        serves_promptly(server);
    }
    let grown = server.peak_memory() - before;
    assert!(grown < 8 * 1024, "{grown} KiB more");
}
