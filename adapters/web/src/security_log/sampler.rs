//! Limits how many similar lines are logged.

use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::{Mutex, PoisonError};

use kunci_domain::Timestamp;

/// The number of slots, and so the maximum number of lines in a minute.
const SLOTS: usize = 256;
const MINUTE_MILLIS: i64 = 60_000;

/// Admits one line in a minute for each key.
///
/// The memory is fixed. Keys in the same slot share its line, so many keys only lead to fewer lines.
#[derive(Debug)]
pub(super) struct Sampler {
    hasher: RandomState,
    slots: Mutex<[Slot; SLOTS]>,
}

#[derive(Debug, Clone, Copy)]
struct Slot {
    /// The minute of the latest line.
    minute: Option<i64>,
    /// The number of lines that were not admitted since.
    skipped: u32,
}

impl Default for Sampler {
    fn default() -> Self {
        let empty = Slot {
            minute: None,
            skipped: 0,
        };
        Self {
            hasher: RandomState::new(),
            slots: Mutex::new([empty; SLOTS]),
        }
    }
}

impl Sampler {
    /// Returns the number of lines that were skipped before this one, or `None` if this one is skipped, too.
    pub(super) fn admit(&self, key: impl Hash, now: Timestamp) -> Option<u32> {
        let minute = now.unix_millis().div_euclid(MINUTE_MILLIS);
        let index = self.hasher.hash_one(key) as usize % SLOTS;
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = &mut slots[index];
        // A clock that was set back begins a new minute, too.
        if slot.minute == Some(minute) {
            slot.skipped = slot.skipped.saturating_add(1);
            return None;
        }
        let skipped = slot.skipped;
        *slot = Slot {
            minute: Some(minute),
            skipped: 0,
        };
        Some(skipped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix_millis(seconds * 1_000)
    }

    #[test]
    fn one_line_in_a_minute_is_admitted_for_each_key() {
        let sampler = Sampler::default();
        let admitted: Vec<_> = [0, 1, 59, 60, 61, 30, 31]
            .map(|time| sampler.admit("a", at(time)))
            .into();
        assert_eq!(admitted, [Some(0), None, None, Some(2), None, Some(1), None]);
    }

    #[test]
    fn many_keys_get_no_more_lines_than_there_are_slots() {
        let sampler = Sampler::default();
        let admitted = (0..100_000).filter(|key| sampler.admit(key, at(0)).is_some());
        assert_eq!(admitted.count(), SLOTS);
    }
}
