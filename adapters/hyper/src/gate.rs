//! Stands between a connection and hyper, and lets requests through one at a time.
//!
//! Of HTTP/1 it reads each head before hyper does. A head that is malformed, ambiguous, too large or
//! too late is kept back, and hyper is given a small request in its place that the service's side turns
//! into a refusal, so that refusals look like all other answers; afterwards nothing passes any more.
//! HTTP/2 passes as it is. Either way it notes when a connection waits for its client.
//!
//! Leaves out answering, and taking chunks apart.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::StatusCode;
use hyper::rt::{Read, ReadBufCursor, Write};
use tokio::io::AsyncWrite;

use crate::chunks::Chunks;
use crate::head::{self, Framing, REFUSAL};
use crate::inbox::Inbox;
use crate::limits::Limits;
use crate::stream::Stream;
use crate::watch::Watch;

/// The bytes of a connection, on their way to hyper.
#[derive(Debug)]
pub(crate) struct Gate {
    stream: Stream,
    inbox: Inbox,
    state: State,
    watch: Arc<Watch>,
    head: usize,
    fields: usize,
}

/// What passes next.
#[derive(Debug)]
enum State {
    /// A head, once it is whole; so many of its bytes were looked at.
    Head { seen: usize },
    /// The rest of a head that is fine, then its body.
    Passing { left: usize, then: Framing },
    /// So many bytes of a body.
    Sized(u64),
    /// A body in chunks.
    Chunked(Chunks),
    /// The request that stands for a refused one.
    Refusal { request: Vec<u8>, passed: usize },
    /// Nothing.
    Shut,
    /// Everything: HTTP/2.
    Open,
}

impl Gate {
    /// A gate for HTTP/1.
    pub(crate) fn new(stream: Stream, limits: &Limits, watch: Arc<Watch>) -> Self {
        Self {
            stream,
            // One byte more than a head may have tells that it is too large.
            inbox: Inbox::new(limits.head + 1),
            state: State::Head { seen: 0 },
            watch,
            head: limits.head,
            fields: limits.headers,
        }
    }

    /// A gate for HTTP/2.
    pub(crate) fn open(stream: Stream, limits: &Limits, watch: Arc<Watch>) -> Self {
        Self {
            state: State::Open,
            ..Self::new(stream, limits, watch)
        }
    }

    /// A gate that refuses whatever comes, before it has come.
    pub(crate) fn refusing(stream: Stream, limits: &Limits, watch: Arc<Watch>, status: StatusCode) -> Self {
        let mut gate = Self::new(stream, limits, watch);
        gate.refuse(status);
        gate
    }

    /// Whether the client may be about to send something that nobody will read.
    pub(crate) const fn leaves_unread(&self) -> bool {
        !matches!(self.state, State::Head { seen: 0 } | State::Open)
    }

    pub(crate) fn into_stream(self) -> Stream {
        self.stream
    }

    fn refuse(&mut self, status: StatusCode) {
        let accept = head::accept(self.inbox.bytes()).unwrap_or(b"*/*");
        let mut request = format!("GET / HTTP/1.1\r\n{REFUSAL}: {}\r\naccept:", status.as_u16()).into_bytes();
        request.extend_from_slice(accept);
        request.extend_from_slice(b"\r\nconnection: close\r\n\r\n");
        self.state = State::Refusal { request, passed: 0 };
    }

    /// Looks at what there is of a head; tells whether it was decided what becomes of it.
    fn inspect(&mut self, seen: usize) -> bool {
        // RFC 9112, section 2.2: an empty line before a request is no part of it.
        while seen == 0 && self.inbox.bytes().starts_with(b"\r\n") {
            self.inbox.pass(2);
        }
        let bytes = self.inbox.bytes();
        match head::end_of_head(bytes, seen).filter(|end| *end <= self.head) {
            Some(end) => match head::check(&bytes[..end], self.fields) {
                Ok(then) => {
                    self.watch.head_is_whole();
                    self.state = State::Passing { left: end, then };
                }
                Err(status) => {
                    self.watch.head_is_whole();
                    self.refuse(status);
                }
            },
            None if bytes.len() > self.head => {
                self.watch.head_is_whole();
                self.refuse(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
            }
            None => {
                self.state = State::Head { seen: bytes.len() };
                return false;
            }
        }
        true
    }

    /// How many bytes of the inbox may pass.
    fn passable(&mut self) -> io::Result<usize> {
        let bytes = self.inbox.bytes();
        match &mut self.state {
            State::Passing { left, .. } => Ok(bytes.len().min(*left)),
            State::Sized(left) => Ok(usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len())),
            State::Chunked(chunks) => {
                // A copy reads ahead, as hyper may have less room than there are bytes.
                let broken = |_| io::Error::new(io::ErrorKind::InvalidData, "broken chunks");
                { *chunks }.advance(bytes).map_err(broken)
            }
            State::Open => Ok(bytes.len()),
            State::Head { .. } | State::Refusal { .. } | State::Shut => Ok(0),
        }
    }

    /// Notes that so many bytes have passed.
    fn pass(&mut self, count: usize) {
        let then = match &mut self.state {
            State::Passing { left, then } => {
                *left -= count;
                (*left == 0).then_some(match *then {
                    Framing::Sized(0) => State::Head { seen: 0 },
                    Framing::Sized(length) => State::Sized(length),
                    Framing::Chunked => State::Chunked(Chunks::new()),
                })
            }
            State::Sized(left) => {
                *left -= count as u64;
                (*left == 0).then_some(State::Head { seen: 0 })
            }
            State::Chunked(chunks) => {
                let passed = self.inbox.bytes().get(..count).unwrap_or_default();
                // It was read ahead before, so that it cannot be broken now.
                let _ = chunks.advance(passed);
                chunks.is_done().then_some(State::Head { seen: 0 })
            }
            _ => None,
        };
        self.inbox.pass(count);
        if let Some(then) = then {
            self.state = then;
        }
    }
}

impl Gate {
    fn poll_next(&mut self, cx: &mut Context<'_>, into: &mut ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        loop {
            match &mut self.state {
                State::Shut => return Poll::Ready(Ok(())),
                State::Refusal { request, passed } => {
                    let rest = request.get(*passed..).unwrap_or_default();
                    let count = rest.len().min(into.remaining());
                    into.put_slice(&rest[..count]);
                    *passed += count;
                    if *passed == request.len() {
                        self.state = State::Shut;
                    }
                    return Poll::Ready(Ok(()));
                }
                State::Head { seen } => {
                    let seen = *seen;
                    if self.watch.is_late() {
                        self.watch.head_is_whole();
                        self.refuse(StatusCode::REQUEST_TIMEOUT);
                        continue;
                    }
                    if seen < self.inbox.bytes().len() {
                        self.watch.head_begins();
                        if self.inspect(seen) {
                            continue;
                        }
                    }
                }
                _ => {
                    let count = self.passable()?.min(into.remaining());
                    if count > 0 {
                        into.put_slice(&self.inbox.bytes()[..count]);
                        self.pass(count);
                        return Poll::Ready(Ok(()));
                    }
                }
            }
            if ready!(self.inbox.poll_fill(&mut self.stream, cx))? == 0 {
                self.state = State::Shut;
            }
        }
    }
}

impl Read for Gate {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut into: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        self.poll_next(cx, &mut into)
    }
}

impl Write for Gate {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.noting(polled)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.stream).poll_flush(cx);
        let polled = self.noting(polled);
        // hyper flushes when it has nothing left to write itself.
        if polled.is_ready() && matches!(self.state, State::Head { .. } | State::Open) {
            self.watch.is_flushed(!self.inbox.bytes().is_empty());
        }
        polled
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

impl Gate {
    fn noting<T>(&self, polled: Poll<T>) -> Poll<T> {
        if polled.is_pending() {
            self.watch.is_stalled();
        }
        polled
    }
}
