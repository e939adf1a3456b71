//! Buffers the received bytes of a connection.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, ReadBuf};

use crate::stream::Stream;

/// Enough for an ordinary head with its cookies, in bytes.
const FIRST_ROOM: usize = 4 * 1024;

/// A buffer that grows up to a bound.
#[derive(Debug)]
pub(crate) struct ReadBuffer {
    room: Vec<u8>,
    start: usize,
    end: usize,
    most: usize,
}

impl ReadBuffer {
    pub(crate) const fn new(most: usize) -> Self {
        Self {
            room: Vec::new(),
            start: 0,
            end: 0,
            most,
        }
    }

    /// Returns the buffered bytes.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.room.get(self.start..self.end).unwrap_or_default()
    }

    /// Removes the first `count` bytes, at most all.
    pub(crate) fn pass(&mut self, count: usize) {
        self.start = (self.start + count).min(self.end);
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        }
    }

    /// Receives more and returns the number of bytes; zero at the end of the stream, or if the buffer is full.
    pub(crate) fn poll_fill(&mut self, stream: &mut Stream, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        self.make_room();
        let mut buffer = ReadBuf::new(self.room.get_mut(self.end..).unwrap_or_default());
        ready!(Pin::new(stream).poll_read(cx, &mut buffer))?;
        let count = buffer.filled().len();
        self.end += count;
        Poll::Ready(Ok(count))
    }

    fn make_room(&mut self) {
        if self.end < self.room.len() {
            return;
        }
        if self.start > 0 {
            self.room.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        } else {
            let room = (self.room.len() * 2).clamp(FIRST_ROOM.min(self.most), self.most);
            self.room.resize(room, 0);
        }
    }
}
