//! Clients that send requests but read no responses.

use std::io;
use std::time::Instant;

use super::{SHORT_SETTING, assert_serves_promptly, sockets, start_server};
use crate::support::{Server, Socket, TIMEOUT, Transport, for_each_transport};

for_each_transport!(clients_that_read_nothing_do_not_delay_others);

const REQUEST: &[u8] = b"GET /login HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\n\r\n";

/// A client that sends requests and never reads.
struct Flooder {
    socket: Socket,
    requests: Vec<u8>,
    /// Position in `requests` of the next byte to send.
    sent: usize,
}

impl Flooder {
    fn connect(server: &Server) -> Self {
        Self {
            socket: Socket::connect(server.address()),
            requests: REQUEST.repeat(100),
            sent: 0,
        }
    }

    /// Sends requests until sending would block. Fails if the connection is closed.
    fn send_until_blocked(&mut self) -> io::Result<()> {
        loop {
            let count = self.socket.send_nonblocking(&self.requests[self.sent..])?;
            if count == 0 {
                return Ok(());
            }
            self.sent = (self.sent + count) % self.requests.len();
        }
    }
}

fn clients_that_read_nothing_do_not_delay_others(transport: Transport) {
    let server = start_server(
        transport,
        &format!("server.limits.request_timeout = \"{SHORT_SETTING}\""),
    );
    match transport {
        Transport::TinyHttp => tiny_http_waits_for_them(&server),
        Transport::Hyper => hyper_closes_them(&server),
    }
    assert_serves_promptly(&server);
}

/// tiny_http reads all requests. Each client occupies workers while its responses cannot be written.
fn tiny_http_waits_for_them(server: &Server) {
    const REQUESTS: usize = 900;
    let mut clients = sockets(server, 2);
    for client in &mut clients {
        client.send(REQUEST.repeat(REQUESTS)).unwrap();
        assert_serves_promptly(server);
    }
    for client in &mut clients {
        for _ in 0..REQUESTS {
            assert_eq!(client.response().status, 200);
        }
    }
}

fn hyper_closes_them(server: &Server) {
    assert_serves_promptly(server);
    let before = server.peak_memory();
    let begin = Instant::now();
    let mut clients: Vec<_> = (0..12).map(|_| Flooder::connect(server)).collect();
    while !clients.is_empty() {
        assert!(
            begin.elapsed() < TIMEOUT,
            "{} connections are still open",
            clients.len()
        );
        clients.retain_mut(|client| client.send_until_blocked().is_ok());
        assert_serves_promptly(server);
    }
    let grown = server.peak_memory() - before;
    assert!(grown < 8 * 1024, "memory grew by {grown} KiB");
}
