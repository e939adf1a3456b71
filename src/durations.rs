//! Durations as people write them.

use std::borrow::Cow;
use std::time::Duration;

/// Parses a duration such as `7d` or `1h 30m`, from `least` to `most`. If `least` is in seconds, only whole
/// seconds are accepted: a cookie's `Max-Age` has no fractions.
///
/// # Errors
/// A clause that says what is wrong, empty if the duration is out of range.
pub(crate) fn duration(text: &str, least: &str, most: &str) -> Result<Duration, Cow<'static, str>> {
    let parse = |text| humantime::parse_duration(text).map_err(|_| "it is not a duration");
    let (value, least, most) = (parse(text)?, parse(least)?, parse(most)?);
    if least.subsec_nanos() == 0 && value.subsec_nanos() != 0 {
        return Err("it is not in whole seconds".into());
    }
    let fits = (least..=most).contains(&value);
    fits.then_some(value).ok_or_else(Cow::default)
}

/// Returns the duration in the largest unit from seconds to days that leaves no remainder.
pub(crate) fn in_largest_unit(seconds: u64) -> String {
    let units = [(86_400, "d"), (3_600, "h"), (60, "m")];
    let unit = units.into_iter().find(|(unit, _)| seconds.is_multiple_of(*unit));
    let (unit, name) = unit.unwrap_or((1, "s"));
    format!("{}{name}", seconds / unit)
}
