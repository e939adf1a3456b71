//! The `Date` field, formatted once a second by each worker instead of once a response.
//! Leaves out every other use of the clock.

use std::time::{SystemTime, UNIX_EPOCH};

/// One worker's current date.
#[derive(Debug, Default)]
pub(crate) struct Date {
    second: u64,
    text: String,
}

impl Date {
    /// The date at `now` as HTTP writes it. A clock before 1970 gives 1970.
    pub(crate) fn at(&mut self, now: SystemTime) -> &str {
        let since_epoch = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        if self.text.is_empty() || since_epoch.as_secs() != self.second {
            self.second = since_epoch.as_secs();
            self.text = httpdate::fmt_http_date(UNIX_EPOCH + since_epoch);
        }
        &self.text
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_date_follows_the_second() {
        let mut date = Date::default();
        let then = UNIX_EPOCH + Duration::from_secs(420_895_020);
        assert_eq!(date.at(then), "Wed, 04 May 1983 11:17:00 GMT");
        assert_eq!(
            date.at(then + Duration::from_millis(999)),
            "Wed, 04 May 1983 11:17:00 GMT"
        );
        assert_eq!(
            date.at(then + Duration::from_secs(1)),
            "Wed, 04 May 1983 11:17:01 GMT"
        );
        assert_eq!(date.at(UNIX_EPOCH), "Thu, 01 Jan 1970 00:00:00 GMT");
        assert_eq!(
            date.at(UNIX_EPOCH - Duration::from_secs(1)),
            "Thu, 01 Jan 1970 00:00:00 GMT"
        );
    }
}
