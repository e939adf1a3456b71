//! Formatting of timestamps for users and programs, always in UTC.

use std::time::{Duration, UNIX_EPOCH};

use kunci_domain::Timestamp;

/// Formats a time as RFC 3339 with `Z`, in whole seconds.
pub(crate) fn rfc3339(time: Timestamp) -> String {
    // The format ends with the year 9999.
    const LAST_SECOND: u64 = 253_402_300_799;
    let seconds = u64::try_from(time.unix_millis()).unwrap_or(0) / 1_000;
    humantime::format_rfc3339_seconds(UNIX_EPOCH + Duration::from_secs(seconds.min(LAST_SECOND))).to_string()
}

/// Formats a time like `2026-11-22 18:15 UTC`.
pub(crate) fn human_readable(time: Timestamp) -> String {
    let text = rfc3339(time);
    format!("{} {} UTC", &text[..10], &text[11..16])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_in_utc_and_do_not_overflow() {
        for (millis, programs, people) in [
            (0, "1970-01-01T00:00:00Z", "1970-01-01 00:00 UTC"),
            (1_795_371_359_999, "2026-11-22T18:15:59Z", "2026-11-22 18:15 UTC"),
            (-1, "1970-01-01T00:00:00Z", "1970-01-01 00:00 UTC"),
            (i64::MAX, "9999-12-31T23:59:59Z", "9999-12-31 23:59 UTC"),
        ] {
            let time = Timestamp::from_unix_millis(millis);
            assert_eq!(
                (rfc3339(time).as_str(), human_readable(time).as_str()),
                (programs, people)
            );
        }
    }
}
