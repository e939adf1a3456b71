//! A TCP connection that sends exactly the given bytes, and reads responses strictly.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use super::client::Response;

/// Longest wait for a response, generous enough for a busy machine.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(40);

/// One connection.
#[derive(Debug)]
pub(crate) struct Socket {
    stream: TcpStream,
    unread: Vec<u8>,
}

/// The result of a read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ReadOutcome {
    Bytes,
    TimedOut,
    Closed,
}

impl Socket {
    pub(crate) fn connect(address: SocketAddr) -> Self {
        Self::try_connect(address).expect("the server listens")
    }

    pub(crate) fn try_connect(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        stream.set_write_timeout(Some(TIMEOUT))?;
        // Each piece leaves immediately.
        stream.set_nodelay(true)?;
        let unread = Vec::new();
        Ok(Self { stream, unread })
    }

    /// Sends bytes. Fails if the server has closed the connection and this side has noticed it.
    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        self.stream.write_all(bytes.as_ref())
    }

    /// Sends as many bytes as possible without blocking, and returns their number.
    pub(crate) fn send_nonblocking(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.set_nonblocking(true)?;
        let sent = self.stream.write(bytes);
        self.stream.set_nonblocking(false)?;
        match sent {
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(0),
            sent => sent,
        }
    }

    /// Closes the sending half of the connection.
    pub(crate) fn shutdown_write(&mut self) {
        // The server may have closed the connection already.
        let _ = self.stream.shutdown(Shutdown::Write);
    }

    /// Sends a request and reads its response.
    #[track_caller]
    pub(crate) fn request(&mut self, request: impl AsRef<[u8]>) -> Response {
        self.send(request).expect("the connection is open");
        self.response()
    }

    /// Reads one response.
    #[track_caller]
    pub(crate) fn response(&mut self) -> Response {
        let response = self.try_response();
        response.unwrap_or_else(|| {
            panic!(
                "the server closed the connection before a complete response: {:?}",
                String::from_utf8_lossy(&self.unread)
            )
        })
    }

    /// Reads one response, or returns `None` if the connection ends first.
    #[track_caller]
    pub(crate) fn try_response(&mut self) -> Option<Response> {
        let end = loop {
            if let Some(at) = self.unread.windows(4).position(|end| end == b"\r\n\r\n") {
                break at + 4;
            }
            if self.wait() == ReadOutcome::Closed {
                return None;
            }
        };
        let mut response = Response::parse(&self.unread[..end]);
        let length = response
            .header("content-length")
            .map(|value| value.parse().unwrap());
        let length = length.unwrap_or(if response.status < 200 { 0 } else { usize::MAX });
        while self.unread.len() - end < length {
            if self.wait() == ReadOutcome::Closed {
                break;
            }
        }
        let whole = end + length.min(self.unread.len() - end);
        response.body = String::from_utf8_lossy(&self.unread[end..whole]).into_owned();
        self.unread.drain(..whole);
        Some(response)
    }

    /// Reads responses until the server closes the connection. Panics if it stays open, or if the last head is
    /// incomplete.
    #[track_caller]
    pub(crate) fn responses(&mut self) -> Vec<Response> {
        let responses = std::iter::from_fn(|| self.try_response()).collect();
        assert_eq!(
            String::from_utf8_lossy(&self.unread),
            "",
            "an incomplete response"
        );
        responses
    }

    /// Waits for data or the end of the stream, at most for `time`, and returns whether the connection is
    /// open. Received data is kept for the next response.
    pub(crate) fn stays_open_for(&mut self, time: Duration) -> bool {
        self.read(time) != ReadOutcome::Closed
    }

    /// Returns this connection if data or the end of the stream arrives within `time`.
    pub(crate) fn input_within(&mut self, time: Duration) -> Option<&mut Self> {
        (self.read(time) != ReadOutcome::TimedOut).then_some(self)
    }

    /// Waits for more data or the end of the stream.
    #[track_caller]
    fn wait(&mut self) -> ReadOutcome {
        let outcome = self.read(TIMEOUT);
        assert_ne!(
            outcome,
            ReadOutcome::TimedOut,
            "no response and no close in time; received {:?}",
            String::from_utf8_lossy(&self.unread)
        );
        outcome
    }

    fn read(&mut self, time: Duration) -> ReadOutcome {
        let mut piece = [0; 16 * 1024];
        self.stream.set_read_timeout(Some(time)).unwrap();
        match self.stream.read(&mut piece) {
            Ok(0) => ReadOutcome::Closed,
            Ok(count) => {
                self.unread.extend_from_slice(&piece[..count]);
                ReadOutcome::Bytes
            }
            Err(error) => match error.kind() {
                ErrorKind::WouldBlock | ErrorKind::TimedOut => ReadOutcome::TimedOut,
                ErrorKind::ConnectionReset | ErrorKind::BrokenPipe => ReadOutcome::Closed,
                // Suspending the machine interrupts reads that have a timeout.
                ErrorKind::Interrupted => self.read(time),
                _ => panic!("{error}"),
            },
        }
    }
}
