//! Exponential backoff.

use std::time::Duration;

use kunci_domain::Timestamp;

/// Counts consecutive failures and doubles the wait after each, up to a limit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Backoff {
    failures: u32,
    until: Timestamp,
}

impl Backoff {
    /// The wait after the first failure.
    const FIRST: Duration = Duration::from_secs(60);

    /// The upper limit of every wait.
    pub(crate) const LONGEST: Duration = Duration::from_secs(3_600);

    /// No failures, no wait.
    pub(crate) const NONE: Self = Self {
        failures: 0,
        until: Timestamp::from_unix_millis(i64::MIN),
    };

    /// Records a failure.
    pub(crate) fn record_failure(&mut self, now: Timestamp, longest: Duration) {
        let factor = 2_u32.saturating_pow(self.failures);
        self.failures = self.failures.saturating_add(1);
        self.until = now.after(Self::FIRST.saturating_mul(factor).min(longest).min(Self::LONGEST));
    }

    /// Returns whether the next attempt may start. A wait beyond the limit means that the clock was set back,
    /// and counts as over.
    pub(crate) fn is_over(&self, now: Timestamp) -> bool {
        self.until <= now || now.after(Self::LONGEST) < self.until
    }

    /// Returns the time of the next attempt.
    pub(crate) const fn until(&self) -> Timestamp {
        self.until
    }
}
