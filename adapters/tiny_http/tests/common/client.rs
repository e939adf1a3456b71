//! A client that sends exactly the given bytes, and reads responses strictly.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use kunci_tiny_http::Listen;

use super::PATIENCE;

/// One connection.
pub(crate) struct Client {
    stream: Stream,
    unread: Vec<u8>,
}

enum Stream {
    Tcp(TcpStream),
    Unix(UnixStream),
}

/// One response.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// Returns all values of a field, in order.
    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        let fields = self.fields.iter().filter(|(n, _)| n.eq_ignore_ascii_case(name));
        fields.map(|(_, value)| value.as_str()).collect()
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// Returns whether the server announces that it closes the connection.
    pub(crate) fn closes(&self) -> bool {
        self.all("connection").contains(&"close") || self.all("connection").contains(&"Close")
    }
}

impl Client {
    pub(crate) fn connect(address: &Listen) -> Self {
        let stream = match address {
            Listen::Tcp(address) => Stream::Tcp(TcpStream::connect(address).unwrap()),
            Listen::Unix(path) => Stream::Unix(UnixStream::connect(path).unwrap()),
        };
        let client = Self {
            stream,
            unread: Vec::new(),
        };
        client.patience(PATIENCE);
        client
    }

    /// Sets the timeout of the next reads.
    pub(crate) fn patience(&self, time: Duration) {
        match &self.stream {
            Stream::Tcp(stream) => stream.set_read_timeout(Some(time)).unwrap(),
            Stream::Unix(stream) => stream.set_read_timeout(Some(time)).unwrap(),
        }
    }

    /// Closes the sending side.
    pub(crate) fn finish(&self) {
        match &self.stream {
            Stream::Tcp(stream) => stream.shutdown(Shutdown::Write).unwrap(),
            Stream::Unix(stream) => stream.shutdown(Shutdown::Write).unwrap(),
        }
    }

    /// Returns the address of the client as the server sees it.
    pub(crate) fn address(&self) -> String {
        match &self.stream {
            Stream::Tcp(stream) => stream.local_addr().unwrap().to_string(),
            Stream::Unix(_) => String::new(),
        }
    }

    /// Sends a request and reads its response.
    pub(crate) fn ask(&mut self, request: impl AsRef<[u8]>) -> Answer {
        self.write_all(request.as_ref()).unwrap();
        self.answer()
    }

    /// Sends `GET` and reads the response.
    pub(crate) fn get(&mut self, path: &str) -> Answer {
        self.ask(format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n"))
    }

    /// Reads one response.
    pub(crate) fn answer(&mut self) -> Answer {
        self.try_answer(false).unwrap()
    }

    /// Reads one response to `HEAD`.
    pub(crate) fn answer_to_head(&mut self) -> Answer {
        self.try_answer(true).unwrap()
    }

    /// Reads one response, or returns why there is none.
    pub(crate) fn try_answer(&mut self, to_head: bool) -> io::Result<Answer> {
        let head_end = loop {
            if let Some(at) = self.unread.windows(4).position(|w| w == b"\r\n\r\n") {
                break at + 4;
            }
            self.read_more()?;
        };
        let head = String::from_utf8(self.unread.drain(..head_end).collect()).unwrap();
        let mut answer = parse_head(&head);
        assert!(answer.all("transfer-encoding").is_empty(), "{head}");
        if !to_head && answer.status >= 200 && ![204, 304].contains(&answer.status) {
            let length = answer.all("content-length");
            assert_eq!(length.len(), 1, "{head}");
            let length: usize = length[0].parse().unwrap();
            while self.unread.len() < length {
                self.read_more()?;
            }
            answer.body = self.unread.drain(..length).collect();
        }
        Ok(answer)
    }

    /// Reads until the server closes the connection, and returns the bytes.
    pub(crate) fn rest(&mut self) -> Vec<u8> {
        loop {
            match self.read_more() {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => break,
                Err(error) if error.kind() == ErrorKind::ConnectionReset => break,
                Err(error) => panic!("the connection stays open: {error}"),
            }
        }
        std::mem::take(&mut self.unread)
    }

    /// Reads until the server closes the connection. Nothing may arrive but tiny_http's own 400.
    #[track_caller]
    pub(crate) fn ends_without_an_answer(&mut self) {
        let rest = self.rest();
        let rest = std::str::from_utf8(&rest).unwrap();
        let own = rest.starts_with("HTTP/1.1 400 Bad Request\r\nServer: tiny-http (Rust)\r\n")
            && rest.find("\r\n\r\n") == Some(rest.len() - 4);
        assert!(rest.is_empty() || own, "{rest}");
    }

    fn read_more(&mut self) -> io::Result<()> {
        let mut piece = [0; 16 * 1024];
        let read = match &mut self.stream {
            Stream::Tcp(stream) => stream.read(&mut piece),
            Stream::Unix(stream) => stream.read(&mut piece),
        };
        let count = match read {
            // A machine that was suspended interrupts reads with a timeout.
            Err(error) if error.kind() == ErrorKind::Interrupted => return self.read_more(),
            read => read?,
        };
        self.unread.extend_from_slice(&piece[..count]);
        if count == 0 {
            Err(ErrorKind::UnexpectedEof.into())
        } else {
            Ok(())
        }
    }
}

fn parse_head(head: &str) -> Answer {
    let mut lines = head.trim_end().split("\r\n");
    let status = lines.next().unwrap();
    assert!(status.starts_with("HTTP/1."), "{head}");
    let field = |line: &str| {
        let (name, value) = line.split_once(": ").unwrap_or_else(|| panic!("{head}"));
        (name.to_owned(), value.to_owned())
    };
    Answer {
        status: status[9..12].parse().unwrap(),
        fields: lines.map(field).collect(),
        body: Vec::new(),
    }
}

impl Write for Client {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.stream {
            Stream::Tcp(stream) => stream.write(bytes),
            Stream::Unix(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
