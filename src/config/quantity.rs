//! Settings that are amounts: whole numbers in a range, durations and sizes in bytes.
//!
//! Left out: how amounts relate to one another; `check` compares them once all are known.

use std::time::Duration;

use super::base::Refusal;

/// The longest life a session may be given.
///
/// Browsers keep no cookie for longer than 400 days (RFC 6265bis, section 5.5), so a longer limit would
/// be a promise that nobody keeps.
const LONGEST_LIFE: Duration = Duration::from_secs(400 * DAY);

/// The most that SQLite may map: its own ceiling lies just below 2 GiB.
const LARGEST_MAP: u64 = 2047 * MIB;

const SHORTEST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(HOUR);

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

const KIB: u64 = 1024;
const MIB: u64 = 1024 * KIB;
const GIB: u64 = 1024 * MIB;

/// A whole number from `MIN` to `MAX`, in decimal digits only.
pub(super) fn whole<const MIN: u32, const MAX: u32>(text: &str) -> Result<u32, Refusal> {
    let number = digits(text)?;
    match u32::try_from(number) {
        Ok(number) if (MIN..=MAX).contains(&number) => Ok(number),
        _ => Err(format!("is not between {MIN} and {MAX}").into()),
    }
}

/// A duration in the notation of humantime, such as `7d` or `1h 30m`.
///
/// Whole seconds, because a cookie's `Max-Age` counts in seconds and a life of half a second would come
/// out as a cookie that is removed at once.
pub(super) fn duration(text: &str) -> Result<Duration, Refusal> {
    let duration = humantime::parse_duration(text).map_err(|_| Refusal::from("is not a duration"))?;
    if duration.is_zero() {
        return Err("is no time at all".into());
    }
    if duration.subsec_nanos() != 0 {
        return Err("is not in whole seconds".into());
    }
    if LONGEST_LIFE < duration {
        return Err("is longer than 400 days".into());
    }
    Ok(duration)
}

/// The same for whoever is told in one clause why it is refused.
pub(crate) fn lifetime(text: &str) -> Result<Duration, String> {
    duration(text).map_err(|refusal| refusal.0.into_owned())
}

/// A duration in whole seconds from `MIN` to `MAX` of them.
pub(super) fn lasting<const MIN: u64, const MAX: u64>(text: &str) -> Result<Duration, Refusal> {
    let lasts = duration(text)?;
    let (least, most) = (Duration::from_secs(MIN), Duration::from_secs(MAX));
    if !(least..=most).contains(&lasts) {
        let (least, most) = (show_duration(&least), show_duration(&most));
        return Err(format!("is not between {least} and {most}").into());
    }
    Ok(lasts)
}

/// How long something may be waited for: to the millisecond, as tests and networks at close range need it.
pub(super) fn wait(text: &str) -> Result<Duration, Refusal> {
    let duration = humantime::parse_duration(text).map_err(|_| Refusal::from("is not a duration"))?;
    if !(SHORTEST_WAIT..=LONGEST_WAIT).contains(&duration) {
        return Err("is not between 100ms and 1h".into());
    }
    Ok(Duration::from_millis(
        duration.as_millis().try_into().unwrap_or(u64::MAX),
    ))
}

/// The duration in the largest unit that leaves no rest, to the millisecond.
pub(super) fn show_wait(duration: &Duration) -> String {
    match duration.subsec_millis() {
        0 => show_duration(duration),
        _ => format!("{}ms", duration.as_millis()),
    }
}

/// The duration in the largest unit that leaves no rest.
pub(super) fn show_duration(duration: &Duration) -> String {
    in_largest_unit(
        duration.as_secs(),
        &[(DAY, "d"), (HOUR, "h"), (MINUTE, "m"), (1, "s")],
    )
}

/// A number of bytes that SQLite may map: digits alone, or with `KiB`, `MiB` or `GiB`.
///
/// Decimal units such as `MB` are refused, since half of those who write them mean the binary ones.
pub(super) fn map_size(text: &str) -> Result<u64, Refusal> {
    let end = text
        .find(|char: char| !char.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let unit = match unit.trim_start() {
        "" => 1,
        "KiB" => KIB,
        "MiB" => MIB,
        "GiB" => GIB,
        _ => return Err("is not a size in bytes, KiB, MiB or GiB".into()),
    };
    match digits(number)?.checked_mul(unit) {
        Some(bytes) if bytes <= LARGEST_MAP => Ok(bytes),
        _ => Err("is more than SQLite can map".into()),
    }
}

/// The size in the largest unit that leaves no rest.
pub(super) fn show_size(bytes: &u64) -> String {
    in_largest_unit(*bytes, &[(GIB, "GiB"), (MIB, "MiB"), (KIB, "KiB"), (1, "")])
}

/// Signs, spaces and separators are refused, unlike in `str::parse`, so that a number has one notation.
fn digits(text: &str) -> Result<u64, Refusal> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("is not a whole number".into());
    }
    text.parse().map_err(|_| "is far too large".into())
}

fn in_largest_unit(amount: u64, units: &[(u64, &str)]) -> String {
    let fitting = units
        .iter()
        .find(|(unit, _)| *unit <= amount && amount.is_multiple_of(*unit));
    match fitting {
        Some((unit, name)) => format!("{}{name}", amount / unit),
        None => amount.to_string(),
    }
}
