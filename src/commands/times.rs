//! Points in time as commands print them.

use std::time::{Duration, UNIX_EPOCH};

use kunci_domain::Timestamp;

/// RFC 3339 with `Z`, in whole seconds.
pub(super) fn rfc3339(time: Timestamp) -> String {
    // The year 9999 is the last that the format can write.
    const LAST_SECOND: u64 = 253_402_300_799;
    let seconds = u64::try_from(time.unix_millis()).unwrap_or(0) / 1_000;
    humantime::format_rfc3339_seconds(UNIX_EPOCH + Duration::from_secs(seconds.min(LAST_SECOND))).to_string()
}
