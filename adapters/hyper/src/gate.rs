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
        // There will be no more of it.
        self.watch.head_is_whole();
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
        let judged = match head::end_of_head(bytes, seen).filter(|end| *end <= self.head) {
            Some(end) => head::check(&bytes[..end], self.fields).map(|then| (end, then)),
            None if bytes.len() > self.head => Err(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE),
            None => {
                self.state = State::Head { seen: bytes.len() };
                return false;
            }
        };
        match judged {
            Ok((left, then)) => {
                self.watch.head_is_whole();
                self.state = State::Passing { left, then };
            }
            Err(status) => self.refuse(status),
        }
        true
    }

    /// Goes on by as many bytes as may pass now, at most all of `bytes`; tells how many.
    fn advance(state: &mut State, bytes: &[u8]) -> io::Result<usize> {
        let (count, then) = match state {
            State::Passing { left, then } => {
                let count = bytes.len().min(*left);
                *left -= count;
                let next = match *then {
                    Framing::Sized(0) => State::Head { seen: 0 },
                    Framing::Sized(length) => State::Sized(length),
                    Framing::Chunked => State::Chunked(Chunks::new()),
                };
                (count, (*left == 0).then_some(next))
            }
            State::Sized(left) => {
                let count = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
                *left -= count as u64;
                (count, (*left == 0).then_some(State::Head { seen: 0 }))
            }
            State::Chunked(chunks) => {
                let broken = |_| io::Error::new(io::ErrorKind::InvalidData, "broken chunks");
                let count = chunks.advance(bytes).map_err(broken)?;
                (count, chunks.is_done().then_some(State::Head { seen: 0 }))
            }
            State::Open => (bytes.len(), None),
            State::Head { .. } | State::Refusal { .. } | State::Shut => (0, None),
        };
        if let Some(then) = then {
            *state = then;
        }
        Ok(count)
    }

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
                    let bytes = self.inbox.bytes();
                    let fits = &bytes[..bytes.len().min(into.remaining())];
                    let count = Self::advance(&mut self.state, fits)?;
                    if count > 0 {
                        into.put_slice(&fits[..count]);
                        self.inbox.pass(count);
                        return Poll::Ready(Ok(()));
                    }
                }
            }
            if ready!(self.inbox.poll_fill(&mut self.stream, cx))? == 0 {
                self.state = State::Shut;
            }
        }
    }

    fn noting<T>(&self, polled: Poll<T>) -> Poll<T> {
        if polled.is_pending() {
            self.watch.is_stalled();
        }
        polled
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
