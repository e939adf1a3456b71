//! Points in time, as whole milliseconds since the Unix epoch.
//!
//! The domain never reads a clock: `now` is always an argument. Calendar dates and text forms belong to the
//! adapters that display them.

use std::time::Duration;

/// A point in time: milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
///
/// Arithmetic saturates, so an unlimited duration needs no special case.
///
/// ```
/// use std::time::Duration;
/// use kunci_domain::Timestamp;
///
/// let noon = Timestamp::from_unix_millis(1_000);
/// assert_eq!(noon.after(Duration::from_secs(2)).unix_millis(), 3_000);
/// assert_eq!(noon.since(noon.after(Duration::from_secs(9))), Duration::ZERO);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The latest representable point in time.
    pub const MAX: Self = Self(i64::MAX);

    /// Returns the point in time `millis` milliseconds after the Unix epoch.
    #[must_use]
    pub const fn from_unix_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Returns the milliseconds since the Unix epoch.
    #[must_use]
    pub const fn unix_millis(self) -> i64 {
        self.0
    }

    /// Returns the point in time `duration` later, at most [`Timestamp::MAX`].
    #[must_use]
    pub fn after(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(whole_millis(duration)))
    }

    /// Returns the point in time `duration` earlier.
    #[must_use]
    pub fn before(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(whole_millis(duration)))
    }

    /// Returns the time elapsed since `earlier`, or zero if `earlier` is later than this.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        let millis = self.0.saturating_sub(earlier.0);
        Duration::from_millis(u64::try_from(millis).unwrap_or(0))
    }
}

/// Returns a duration in whole milliseconds, as stores keep it, at most `i64::MAX`.
#[must_use]
pub fn whole_millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
