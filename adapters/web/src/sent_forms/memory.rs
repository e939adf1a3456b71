//! The responses of the last minute, in bounded memory.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use kunci_domain::Timestamp;

use super::FormKey;
use crate::kit::Response;

/// How long a response is remembered.
const LIFETIME: Duration = Duration::from_secs(60);
/// The maximum memory of all responses in bytes. Beyond it, the oldest are forgotten.
pub(crate) const MAX_BYTES: usize = 2 * 1024 * 1024;
/// Bytes of a response in addition to its body: its status, headers and keys.
const OVERHEAD: usize = 2 * 1024;

/// The remembered responses, oldest first.
///
/// They hold session tokens, links and recovery codes, so there is no `Debug`.
#[derive(Default)]
pub(super) struct Memory {
    entries: VecDeque<Entry>,
    bytes: usize,
}

/// A response that is returned again.
#[derive(Clone)]
pub(crate) struct Answer {
    pub(crate) response: Response,
    /// Whether the client has a session afterwards.
    pub(crate) has_session: bool,
    /// Messages for the next page.
    pub(crate) notices: Vec<String>,
}

struct Entry {
    keys: [FormKey; 2],
    at: Timestamp,
    answer: Answer,
}

impl Memory {
    /// Returns the response to a form. Forgets those that are older than [`LIFETIME`].
    pub(super) fn find(&mut self, key: FormKey, now: Timestamp) -> Option<Answer> {
        while self.entries.front().is_some_and(|oldest| !oldest.is_recent(now)) {
            self.forget_oldest();
        }
        let mut latest_first = self.entries.iter().rev();
        let entry = latest_first.find(|entry| entry.keys.contains(&key) && entry.is_recent(now))?;
        Some(entry.answer.clone())
    }

    /// Remembers a response, unless it is too large.
    pub(super) fn insert(&mut self, keys: [FormKey; 2], mut answer: Answer, now: Timestamp) {
        // The copy has no spare capacity.
        *answer.response.body_mut() = Bytes::copy_from_slice(answer.response.body());
        let entry = Entry {
            keys,
            at: now,
            answer,
        };
        if MAX_BYTES < entry.bytes() {
            return;
        }
        self.bytes += entry.bytes();
        self.entries.push_back(entry);
        while MAX_BYTES < self.bytes {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        if let Some(entry) = self.entries.pop_front() {
            self.bytes -= entry.bytes();
        }
    }
}

impl Entry {
    fn bytes(&self) -> usize {
        OVERHEAD + self.answer.response.body().len()
    }

    /// Returns whether the response may be returned again. After the clock was set back, it may not.
    fn is_recent(&self, now: Timestamp) -> bool {
        self.at <= now && now < self.at.after(LIFETIME)
    }
}
