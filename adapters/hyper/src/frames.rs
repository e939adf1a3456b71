//! Limits the HTTP/2 frames of a connection that cost work but carry neither a request nor a body.
//!
//! Floods of `PING`, `SETTINGS`, `PRIORITY`, empty `DATA` and the like keep a processor busy (RFC 9113, section
//! 10.5). Each such frame adds to a debt that shrinks with time, with each request, and with each response that
//! was sent.

use std::time::{Duration, Instant};

/// What a frame adds to the debt: without requests, a client can send 100 frames per second.
const FRAME: Duration = Duration::from_millis(10);

/// The largest debt, which 1,000 frames at once reach.
const MAX_DEBT: Duration = Duration::from_secs(10);

/// What a request takes from the debt: it allows for its parts, priorities and window updates.
const REQUEST: Duration = Duration::from_millis(80);

/// What a sent byte takes from the debt: one frame for 1,000 bytes, because clients report what they have read.
/// Some report each 4 KiB, for the stream and for the connection.
const SENT_BYTE: Duration = Duration::from_micros(10);

/// The length from which a `DATA` frame is free: flow control limits the sum of the lengths.
const FREE_DATA: usize = 1024;

/// The bytes that a client sends before its first frame.
const PREFACE: usize = 24;

const HEAD: usize = 9;
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;

/// The client has sent too many frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooManyFrames;

/// Counts the frames of one connection. It only finds where frames begin; h2 parses and checks them.
#[derive(Debug)]
pub(crate) struct FrameMeter {
    /// Bytes before the head of the next frame.
    skip: usize,
    /// The received part of the head.
    head: [u8; HEAD],
    received: usize,
    debt: Duration,
    /// When the debt was last reduced.
    since: Instant,
}

impl FrameMeter {
    pub(crate) const fn new(now: Instant) -> Self {
        Self {
            skip: PREFACE,
            head: [0; HEAD],
            received: 0,
            debt: Duration::ZERO,
            since: now,
        }
    }

    /// Counts the frames that begin in `bytes`.
    ///
    /// # Errors
    /// [`TooManyFrames`] if the debt is too large. The connection must then be closed.
    pub(crate) fn receive(&mut self, mut bytes: &[u8], now: Instant) -> Result<(), TooManyFrames> {
        self.repay(now.saturating_duration_since(self.since));
        self.since = now;
        while !bytes.is_empty() {
            let skipped = self.skip.min(bytes.len());
            self.skip -= skipped;
            let part = bytes.len().min(skipped + HEAD - self.received);
            for byte in &bytes[skipped..part] {
                self.head[self.received] = *byte;
                self.received += 1;
            }
            bytes = &bytes[part..];
            if self.received == HEAD {
                self.received = 0;
                self.count()?;
            }
        }
        Ok(())
    }

    /// Allows for frames with which the client reports that it has read these bytes.
    pub(crate) fn send(&mut self, count: usize) {
        self.repay(SENT_BYTE * u32::try_from(count).unwrap_or(u32::MAX));
    }

    /// Adds the frame whose head is complete.
    fn count(&mut self) -> Result<(), TooManyFrames> {
        let [high, middle, low, kind, ..] = self.head;
        self.skip = usize::from(high) << 16 | usize::from(middle) << 8 | usize::from(low);
        match kind {
            HEADERS => self.repay(REQUEST),
            DATA if FREE_DATA <= self.skip => {}
            // A request that is cancelled allows for nothing.
            RST_STREAM => self.debt += FRAME + REQUEST,
            _ => self.debt += FRAME,
        }
        if self.debt <= MAX_DEBT {
            Ok(())
        } else {
            Err(TooManyFrames)
        }
    }

    fn repay(&mut self, amount: Duration) {
        self.debt = self.debt.saturating_sub(amount);
    }
}

#[cfg(test)]
#[path = "frames_tests.rs"]
mod tests;
