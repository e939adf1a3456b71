//! A connection that sends exactly the given bytes in the given pieces, and reads responses strictly.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use super::client::Answer;

/// Longer than any response takes, also on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(40);

/// One connection.
#[derive(Debug)]
pub(crate) struct Socket {
    stream: TcpStream,
    unread: Vec<u8>,
}

/// The result of a read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Came {
    Bytes,
    Nothing,
    End,
}

impl Socket {
    pub(crate) fn connect(address: SocketAddr) -> Self {
        Self::try_connect(address).expect("the server listens")
    }

    pub(crate) fn try_connect(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        // Each piece is sent at once.
        stream.set_nodelay(true)?;
        let unread = Vec::new();
        Ok(Self { stream, unread })
    }

    /// Sends bytes. Fails if the client knows that the server has closed the connection.
    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        self.stream.write_all(bytes.as_ref())
    }

    /// Sends bytes until sending would block, and returns their number.
    pub(crate) fn stuff(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.set_nonblocking(true)?;
        let sent = self.stream.write(bytes);
        self.stream.set_nonblocking(false)?;
        match sent {
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(0),
            sent => sent,
        }
    }

    /// Closes the sending side.
    pub(crate) fn finish(&mut self) {
        // The server may have closed the connection already.
        let _ = self.stream.shutdown(Shutdown::Write);
    }

    /// Sends a request and reads its response.
    #[track_caller]
    pub(crate) fn ask(&mut self, request: impl AsRef<[u8]>) -> Answer {
        self.send(request).expect("the connection is open");
        self.answer()
    }

    /// Reads one response.
    #[track_caller]
    pub(crate) fn answer(&mut self) -> Answer {
        let answer = self.try_answer();
        answer.unwrap_or_else(|| panic!("no answer but {:?}", String::from_utf8_lossy(&self.unread)))
    }

    /// Reads one response, or returns `None` if the connection ends first.
    #[track_caller]
    pub(crate) fn try_answer(&mut self) -> Option<Answer> {
        let end = loop {
            if let Some(at) = self.unread.windows(4).position(|end| end == b"\r\n\r\n") {
                break at + 4;
            }
            if self.wait() == Came::End {
                return None;
            }
        };
        let mut answer = Answer::parse(&self.unread[..end]);
        let length = answer
            .header("content-length")
            .map(|value| value.parse().unwrap());
        let length = length.unwrap_or(if answer.status < 200 { 0 } else { usize::MAX });
        while self.unread.len() - end < length {
            if self.wait() == Came::End {
                break;
            }
        }
        let whole = end + length.min(self.unread.len() - end);
        answer.body = String::from_utf8_lossy(&self.unread[end..whole]).into_owned();
        self.unread.drain(..whole);
        Some(answer)
    }

    /// Reads responses until the server closes the connection. Fails if it stays open, or if a response is
    /// incomplete.
    #[track_caller]
    pub(crate) fn answers(&mut self) -> Vec<Answer> {
        let answers = std::iter::from_fn(|| self.try_answer()).collect();
        assert_eq!(String::from_utf8_lossy(&self.unread), "", "a piece of an answer");
        answers
    }

    /// Waits for bytes or the end, at most for `time`, and returns whether the connection is open. Received
    /// bytes are kept for the next response.
    pub(crate) fn stays_open_for(&mut self, time: Duration) -> bool {
        self.read(time) != Came::End
    }

    /// Returns the connection if bytes or its end arrive within `time`.
    pub(crate) fn comes_within(&mut self, time: Duration) -> Option<&mut Self> {
        (self.read(time) != Came::Nothing).then_some(self)
    }

    /// Waits for more bytes or the end.
    #[track_caller]
    fn wait(&mut self) -> Came {
        let came = self.read(PATIENCE);
        assert_ne!(
            came,
            Came::Nothing,
            "neither an answer nor an end, but {:?}",
            String::from_utf8_lossy(&self.unread)
        );
        came
    }

    fn read(&mut self, time: Duration) -> Came {
        let mut piece = [0; 16 * 1024];
        self.stream.set_read_timeout(Some(time)).unwrap();
        match self.stream.read(&mut piece) {
            Ok(0) => Came::End,
            Ok(count) => {
                self.unread.extend_from_slice(&piece[..count]);
                Came::Bytes
            }
            Err(error) => match error.kind() {
                ErrorKind::WouldBlock | ErrorKind::TimedOut => Came::Nothing,
                ErrorKind::ConnectionReset | ErrorKind::BrokenPipe => Came::End,
                // A machine that was suspended interrupts reads with a timeout.
                ErrorKind::Interrupted => self.read(time),
                _ => panic!("{error}"),
            },
        }
    }
}
