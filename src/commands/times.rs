//! Timestamps as commands print them.

use std::time::{Duration, UNIX_EPOCH};

use kunci_domain::Timestamp;

/// Returns a time in RFC 3339 with `Z`, in whole seconds.
pub(super) fn rfc3339(time: Timestamp) -> String {
    // The format ends with the year 9999.
    const LAST_SECOND: u64 = 253_402_300_799;
    let seconds = u64::try_from(time.unix_millis()).unwrap_or(0) / 1_000;
    humantime::format_rfc3339_seconds(UNIX_EPOCH + Duration::from_secs(seconds.min(LAST_SECOND))).to_string()
}
