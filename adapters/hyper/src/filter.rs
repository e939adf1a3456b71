//! Filters the bytes of a connection before hyper reads them.
//!
//! On HTTP/1 it checks each head before hyper does. If a head is malformed, ambiguous, too large or too late,
//! hyper gets a small request in its place, which results in a refusal by the service. No further request of
//! that connection passes. HTTP/2 passes unchanged. The filter also records when a connection waits for its
//! client.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::StatusCode;
use hyper::rt::{Read, ReadBufCursor, Write};
use tokio::io::AsyncWrite;

use crate::chunks::Chunks;
use crate::head::{self, Framing, REFUSAL};
use crate::limits::Limits;
use crate::phase_clock::PhaseClock;
use crate::read_buffer::ReadBuffer;
use crate::stream::Stream;

/// A connection as hyper reads it.
#[derive(Debug)]
pub(crate) struct RequestFilter {
    stream: Stream,
    buffer: ReadBuffer,
    state: State,
    clock: Arc<PhaseClock>,
    head: usize,
    fields: usize,
}

/// What hyper reads next.
#[derive(Debug)]
enum State {
    /// A head that is not complete. `seen` bytes of it were checked.
    Head { seen: usize },
    /// The rest of a valid head, then its body.
    Passing { left: usize, then: Framing },
    /// The rest of a body, with this length in bytes.
    Sized(u64),
    /// A chunked body.
    Chunked(Chunks),
    /// The request in place of a refused one.
    Refusal { request: Vec<u8>, passed: usize },
    /// The end of the stream.
    Shut,
    /// All bytes unchanged, for HTTP/2.
    Open,
}

impl RequestFilter {
    /// Creates a filter for HTTP/1.
    pub(crate) fn new(stream: Stream, limits: &Limits, clock: Arc<PhaseClock>) -> Self {
        Self {
            stream,
            // One byte above the limit shows that a head is too large.
            buffer: ReadBuffer::new(limits.head + 1),
            state: State::Head { seen: 0 },
            clock,
            head: limits.head,
            fields: limits.headers,
        }
    }

    /// Creates a filter for HTTP/2.
    pub(crate) fn open(stream: Stream, limits: &Limits, clock: Arc<PhaseClock>) -> Self {
        Self {
            state: State::Open,
            ..Self::new(stream, limits, clock)
        }
    }

    /// Creates a filter that refuses the connection without reading from it.
    pub(crate) fn refusing(
        stream: Stream,
        limits: &Limits,
        clock: Arc<PhaseClock>,
        status: StatusCode,
    ) -> Self {
        let mut filter = Self::new(stream, limits, clock);
        filter.refuse(status);
        filter
    }

    /// Returns whether the client may still send bytes that are not read.
    pub(crate) const fn leaves_unread(&self) -> bool {
        !matches!(self.state, State::Head { seen: 0 } | State::Open)
    }

    pub(crate) fn into_stream(self) -> Stream {
        self.stream
    }

    fn refuse(&mut self, status: StatusCode) {
        // The rest of the head is not awaited.
        self.clock.head_is_whole();
        let accept = head::accept(self.buffer.bytes()).unwrap_or(b"*/*");
        let mut request = format!("GET / HTTP/1.1\r\n{REFUSAL}: {}\r\naccept:", status.as_u16()).into_bytes();
        request.extend_from_slice(accept);
        request.extend_from_slice(b"\r\nconnection: close\r\n\r\n");
        self.state = State::Refusal { request, passed: 0 };
    }

    /// Checks the received part of a head, and returns whether the head was accepted or refused.
    fn inspect(&mut self, seen: usize) -> bool {
        // RFC 9112, section 2.2: an empty line before a request is ignored.
        while seen == 0 && self.buffer.bytes().starts_with(b"\r\n") {
            self.buffer.pass(2);
        }
        let bytes = self.buffer.bytes();
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
                self.clock.head_is_whole();
                self.state = State::Passing { left, then };
            }
            Err(status) => self.refuse(status),
        }
        true
    }

    /// Returns how many of `bytes` hyper may read now, and advances the state by them.
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
                    if self.clock.is_late() {
                        self.refuse(StatusCode::REQUEST_TIMEOUT);
                        continue;
                    }
                    if seen < self.buffer.bytes().len() {
                        self.clock.head_begins();
                        if self.inspect(seen) {
                            continue;
                        }
                    }
                }
                _ => {
                    let bytes = self.buffer.bytes();
                    let fits = &bytes[..bytes.len().min(into.remaining())];
                    let count = Self::advance(&mut self.state, fits)?;
                    if count > 0 {
                        into.put_slice(&fits[..count]);
                        self.buffer.pass(count);
                        return Poll::Ready(Ok(()));
                    }
                }
            }
            if ready!(self.buffer.poll_fill(&mut self.stream, cx))? == 0 {
                self.state = State::Shut;
            }
        }
    }

    fn noting<T>(&self, polled: Poll<T>) -> Poll<T> {
        if polled.is_pending() {
            self.clock.is_stalled();
        }
        polled
    }
}

impl Read for RequestFilter {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut into: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        self.poll_next(cx, &mut into)
    }
}

impl Write for RequestFilter {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.noting(polled)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.stream).poll_flush(cx);
        let polled = self.noting(polled);
        // hyper flushes if it has nothing left to write.
        if polled.is_ready() && matches!(self.state, State::Head { .. } | State::Open) {
            self.clock.is_flushed(!self.buffer.bytes().is_empty());
        }
        polled
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
