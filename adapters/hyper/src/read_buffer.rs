//! A buffer for the received bytes of a connection.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, ReadBuf};

use crate::stream::Stream;

/// The initial size in bytes, which is enough for an ordinary head with its cookies.
const INITIAL_SIZE: usize = 4 * 1024;

/// A buffer that grows up to a maximum size.
#[derive(Debug)]
pub(crate) struct ReadBuffer {
    storage: Vec<u8>,
    start: usize,
    end: usize,
    max_size: usize,
}

impl ReadBuffer {
    pub(crate) const fn new(max_size: usize) -> Self {
        Self {
            storage: Vec::new(),
            start: 0,
            end: 0,
            max_size,
        }
    }

    /// Returns the buffered bytes.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.storage.get(self.start..self.end).unwrap_or_default()
    }

    /// Removes the first `count` bytes, or all if there are fewer.
    pub(crate) fn consume(&mut self, count: usize) {
        self.start = (self.start + count).min(self.end);
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        }
    }

    /// Receives bytes, and returns how many. Zero means the end of the stream or a full buffer.
    pub(crate) fn poll_fill(&mut self, stream: &mut Stream, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        self.make_room();
        let mut buffer = ReadBuf::new(self.storage.get_mut(self.end..).unwrap_or_default());
        ready!(Pin::new(stream).poll_read(cx, &mut buffer))?;
        let count = buffer.filled().len();
        self.end += count;
        Poll::Ready(Ok(count))
    }

    /// If the buffer ends at its last byte, moves its content to the front or enlarges it.
    fn make_room(&mut self) {
        if self.end < self.storage.len() {
            return;
        }
        if self.start > 0 {
            self.storage.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        } else {
            let size = (self.storage.len() * 2).clamp(INITIAL_SIZE.min(self.max_size), self.max_size);
            self.storage.resize(size, 0);
        }
    }
}
