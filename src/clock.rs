//! The time of day from the operating system.

use std::time::{SystemTime, UNIX_EPOCH};

use kunci_domain::ports::Clock;
use kunci_domain::{Timestamp, whole_millis};

/// Reads the system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        // A clock set before 1970 counts as 1970: every session is young then, and none is revived.
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_unix_millis(whole_millis(since))
    }
}
