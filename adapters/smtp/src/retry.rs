//! When to try again.

use std::time::Duration;

use kunci_domain::Timestamp;

/// Counts failures in a row, and waits twice as long after each, up to a bound.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Retry {
    failures: u32,
    at: Timestamp,
}

impl Retry {
    /// How long is waited after the first failure.
    const FIRST: Duration = Duration::from_secs(60);

    /// How long is waited at most, whatever else is said.
    pub(crate) const LONGEST: Duration = Duration::from_secs(3_600);

    /// Nothing has failed yet.
    pub(crate) const NONE: Self = Self {
        failures: 0,
        at: Timestamp::from_unix_millis(i64::MIN),
    };

    /// It has failed once more.
    pub(crate) fn failed(&mut self, now: Timestamp, longest: Duration) {
        let factor = 2_u32.saturating_pow(self.failures);
        self.failures = self.failures.saturating_add(1);
        self.at = now.after(Self::FIRST.saturating_mul(factor).min(longest).min(Self::LONGEST));
    }

    /// Whether it may be tried again. A wait that is longer than any comes of a clock that was set back.
    pub(crate) fn is_over(&self, now: Timestamp) -> bool {
        self.at <= now || now.after(Self::LONGEST) < self.at
    }

    /// When it may be tried again.
    pub(crate) const fn at(&self) -> Timestamp {
        self.at
    }
}
