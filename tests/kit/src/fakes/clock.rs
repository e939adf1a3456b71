//! A clock that only moves when a test moves it. It never reads the real time.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kunci_domain::Timestamp;
use kunci_domain::ports::Clock;

/// A [`Clock`] that a test sets. It can be moved while other threads read it.
///
/// ```
/// use std::time::Duration;
/// use kunci_domain::{Timestamp, ports::Clock};
/// use kunci_testkit::fakes::FakeClock;
///
/// let clock = FakeClock::new(Timestamp::from_unix_millis(1_000));
/// clock.advance(Duration::from_secs(2));
/// assert_eq!(clock.now(), Timestamp::from_unix_millis(3_000));
/// ```
#[derive(Debug)]
pub struct FakeClock(Mutex<Timestamp>);

impl FakeClock {
    /// Returns a clock that shows `now`.
    #[must_use]
    pub const fn new(now: Timestamp) -> Self {
        Self(Mutex::new(now))
    }

    /// Moves the clock forward by whole milliseconds, at most to [`Timestamp::MAX`].
    pub fn advance(&self, by: Duration) {
        let mut now = self.lock();
        *now = now.after(by);
    }

    /// Sets the clock, forward or backward.
    pub fn set(&self, now: Timestamp) {
        *self.lock() = now;
    }

    fn lock(&self) -> MutexGuard<'_, Timestamp> {
        // A panic of another thread cannot leave the time half written.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        *self.lock()
    }
}
