//! Filters the bytes of a connection before hyper reads them.
//!
//! On HTTP/1, the filter checks each request head. If a head is malformed, ambiguous, too large or too late,
//! hyper reads a small substitute request instead, and the service renders the refusal. hyper reads no later
//! request of that connection. HTTP/2 passes unchanged, but its frames are counted.
//!
//! The filter also records in the [`PhaseClock`] when heads begin and end, and when the client does not read.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use http::StatusCode;
use hyper::rt::{Read, ReadBufCursor, Write};
use tokio::io::AsyncWrite;

use crate::chunks::ChunkScanner;
use crate::frames::FrameMeter;
use crate::head::{self, Framing, REFUSAL};
use crate::limits::Limits;
use crate::phase_clock::PhaseClock;
use crate::read_buffer::ReadBuffer;
use crate::stream::Stream;

/// A connection as hyper sees it.
#[derive(Debug)]
pub(crate) struct RequestFilter {
    stream: Stream,
    buffer: ReadBuffer,
    state: State,
    clock: Arc<PhaseClock>,
    max_head: usize,
    max_fields: usize,
}

/// What hyper reads next.
#[derive(Debug)]
enum State {
    /// An incomplete head. Its first `seen` bytes do not contain its end.
    Head { seen: usize },
    /// The last `left` bytes of a valid head, then its body.
    ValidHead { left: usize, framing: Framing },
    /// The rest of a body of known length, in bytes.
    SizedBody(u64),
    /// A chunked body.
    ChunkedBody(ChunkScanner),
    /// The substitute for a refused request. hyper has read `sent` bytes of it.
    Substitute { request: Vec<u8>, sent: usize },
    /// The end of the stream.
    Ended,
    /// All bytes unchanged, for HTTP/2.
    Http2(FrameMeter),
}

impl RequestFilter {
    /// Creates a filter for HTTP/1.
    pub(crate) fn new(stream: Stream, limits: &Limits, clock: Arc<PhaseClock>) -> Self {
        Self {
            stream,
            // The extra byte shows that a head exceeds the limit.
            buffer: ReadBuffer::new(limits.head + 1),
            state: State::Head { seen: 0 },
            clock,
            max_head: limits.head,
            max_fields: limits.headers,
        }
    }

    /// Creates a filter for HTTP/2.
    pub(crate) fn http2(stream: Stream, limits: &Limits, clock: Arc<PhaseClock>) -> Self {
        Self {
            state: State::Http2(FrameMeter::new(Instant::now())),
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

    /// Returns whether the client may have sent bytes that the server has not read.
    pub(crate) const fn may_have_unread_bytes(&self) -> bool {
        !matches!(self.state, State::Head { seen: 0 } | State::Http2(_))
    }

    pub(crate) fn into_stream(self) -> Stream {
        self.stream
    }

    fn refuse(&mut self, status: StatusCode) {
        // The server does not wait for the rest of the head.
        self.clock.record_head_end();
        let accept = head::accept_value(self.buffer.bytes()).unwrap_or(b"*/*");
        let mut request = format!("GET / HTTP/1.1\r\n{REFUSAL}: {}\r\naccept:", status.as_u16()).into_bytes();
        request.extend_from_slice(accept);
        request.extend_from_slice(b"\r\nconnection: close\r\n\r\n");
        self.state = State::Substitute { request, sent: 0 };
    }

    /// Checks the received part of a head. Returns `false` if more bytes are needed to decide.
    fn check_head(&mut self, seen: usize) -> bool {
        // Empty lines before a request are ignored (RFC 9112, section 2.2).
        while seen == 0 && self.buffer.bytes().starts_with(b"\r\n") {
            self.buffer.consume(2);
        }
        let bytes = self.buffer.bytes();
        let checked = match head::end_of_head(bytes, seen).filter(|end| *end <= self.max_head) {
            Some(end) => head::check(&bytes[..end], self.max_fields).map(|framing| (end, framing)),
            None if bytes.len() > self.max_head => Err(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE),
            None => {
                self.state = State::Head { seen: bytes.len() };
                return false;
            }
        };
        match checked {
            Ok((left, framing)) => {
                self.clock.record_head_end();
                self.state = State::ValidHead { left, framing };
            }
            Err(status) => self.refuse(status),
        }
        true
    }

    /// Returns how many of `bytes` hyper may read now, and moves the state past them.
    fn advance(state: &mut State, bytes: &[u8]) -> io::Result<usize> {
        let (count, next_state) = match state {
            State::ValidHead { left, framing } => {
                let count = bytes.len().min(*left);
                *left -= count;
                let next = match *framing {
                    Framing::Sized(0) => State::Head { seen: 0 },
                    Framing::Sized(length) => State::SizedBody(length),
                    Framing::Chunked => State::ChunkedBody(ChunkScanner::new()),
                };
                (count, (*left == 0).then_some(next))
            }
            State::SizedBody(left) => {
                let count = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
                *left -= count as u64;
                (count, (*left == 0).then_some(State::Head { seen: 0 }))
            }
            State::ChunkedBody(scanner) => {
                let malformed = |_| io::Error::new(io::ErrorKind::InvalidData, "malformed chunks");
                let count = scanner.advance(bytes).map_err(malformed)?;
                (count, scanner.is_done().then_some(State::Head { seen: 0 }))
            }
            State::Http2(meter) => {
                let flood = |_| io::Error::new(io::ErrorKind::InvalidData, "too many frames");
                meter.receive(bytes, Instant::now()).map_err(flood)?;
                (bytes.len(), None)
            }
            State::Head { .. } | State::Substitute { .. } | State::Ended => (0, None),
        };
        if let Some(next_state) = next_state {
            *state = next_state;
        }
        Ok(count)
    }

    fn poll_filtered(&mut self, cx: &mut Context<'_>, into: &mut ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        loop {
            match &mut self.state {
                State::Ended => return Poll::Ready(Ok(())),
                State::Substitute { request, sent } => {
                    let rest = request.get(*sent..).unwrap_or_default();
                    let count = rest.len().min(into.remaining());
                    into.put_slice(&rest[..count]);
                    *sent += count;
                    if *sent == request.len() {
                        self.state = State::Ended;
                    }
                    return Poll::Ready(Ok(()));
                }
                State::Head { seen } => {
                    let seen = *seen;
                    if self.clock.is_head_overdue() {
                        self.refuse(StatusCode::REQUEST_TIMEOUT);
                        continue;
                    }
                    if seen < self.buffer.bytes().len() {
                        self.clock.record_head_start();
                        if self.check_head(seen) {
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
                        self.buffer.consume(count);
                        return Poll::Ready(Ok(()));
                    }
                }
            }
            if ready!(self.buffer.poll_fill(&mut self.stream, cx))? == 0 {
                self.state = State::Ended;
            }
        }
    }

    /// Records a stall if a write is pending, because the client does not read.
    fn record_stall<T>(&self, polled: Poll<T>) -> Poll<T> {
        if polled.is_pending() {
            self.clock.record_stall();
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
        self.poll_filtered(cx, &mut into)
    }
}

impl Write for RequestFilter {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(cx, bytes);
        if let (State::Http2(meter), Poll::Ready(Ok(count))) = (&mut self.state, &polled) {
            meter.send(*count);
        }
        self.record_stall(polled)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.stream).poll_flush(cx);
        let polled = self.record_stall(polled);
        // hyper flushes when it has nothing left to write.
        if polled.is_ready() && matches!(self.state, State::Head { .. } | State::Http2(_)) {
            self.clock.record_flush(!self.buffer.bytes().is_empty());
        }
        polled
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
