//! The clock of the operating system.

use std::time::{SystemTime, UNIX_EPOCH};

use kunci_domain::ports::Clock;
use kunci_domain::{Timestamp, whole_millis};

/// Reads the clock of the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        // A clock that is set before 1970 counts as 1970, so that time never goes below zero.
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_unix_millis(whole_millis(since))
    }
}
