//! Messages for the next page that a client sees.

use std::collections::VecDeque;

/// Messages for the next page that a client sees, oldest first.
///
/// A new message replaces the oldest one once there are [`Notices::MAX`], so that a session stays small.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Notices(VecDeque<String>);

impl Notices {
    /// Maximum number of messages.
    pub const MAX: usize = 16;
    /// Maximum length of a message in Unicode scalar values. Longer messages are cut.
    pub const MAX_CHARS: usize = 500;

    /// Restores messages from a store.
    #[must_use]
    pub fn from_stored(messages: Vec<String>) -> Self {
        Self(messages.into())
    }

    /// Returns the messages, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Returns whether there are no messages.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn push(&mut self, message: &str) {
        // A list from an earlier version may be longer.
        while Self::MAX <= self.0.len() {
            self.0.pop_front();
        }
        self.0.push_back(message.chars().take(Self::MAX_CHARS).collect());
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}
