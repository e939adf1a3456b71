//! Promises about appending and listing events: content, order and pages.

use std::net::{Ipv4Addr, Ipv6Addr};

use kunci_domain::ports::AuditLog;
use kunci_domain::{Device, Event, EventKind, Timestamp};

use super::support::{append, assert_holds, list};
use crate::samples::{event, user_id};

/// Checks that events of every kind are stored and returned unchanged.
pub fn every_event_kind_is_preserved(log: &dyn AuditLog) {
    let events: Vec<Event> = (0..)
        .zip(EventKind::ALL)
        .map(|(millis, kind)| event(user_id(1), millis, *kind))
        .collect();
    events.iter().for_each(|event| append(log, event));
    assert_holds(log, user_id(1), &events);
}

/// Checks that devices are preserved with any user agent and address, or neither.
pub fn every_device_is_preserved(log: &dyn AuditLog) {
    let longest = "日".repeat(Device::MAX_USER_AGENT_CHARS);
    let devices = [
        Device::default(),
        Device::new("", Some(Ipv4Addr::LOCALHOST.into())),
        Device::new("Ünïcödé '\"%_", Some(Ipv6Addr::LOCALHOST.into())),
        Device::new(
            &longest,
            Some(Ipv4Addr::new(192, 0, 2, 7).to_ipv6_mapped().into()),
        ),
    ];
    let events = devices.map(|device| Event {
        device,
        ..event(user_id(1), 0, EventKind::SignedIn)
    });
    events.iter().for_each(|event| append(log, event));
    assert_holds(log, user_id(1), &events);
}

/// Checks that times at the limits of their type neither wrap nor fail.
pub fn extreme_times_are_preserved(log: &dyn AuditLog) {
    let events = [i64::MAX, i64::MIN, -1, 0].map(|millis| Event {
        at: Timestamp::from_unix_millis(millis),
        ..event(user_id(1), 0, EventKind::SignedIn)
    });
    events.iter().for_each(|event| append(log, event));
    assert_holds(log, user_id(1), &events);
}

/// Checks that two identical events are both kept.
pub fn identical_events_are_both_kept(log: &dyn AuditLog) {
    let twice = event(user_id(1), 0, EventKind::SecondFactorFailed);
    append(log, &twice);
    append(log, &twice);
    assert_holds(log, user_id(1), &[twice.clone(), twice]);
}

/// Checks that the event appended last is listed first.
pub fn latest_events_are_listed_first(log: &dyn AuditLog) {
    let (first, second) = (
        event(user_id(1), 0, EventKind::SignedUp),
        event(user_id(1), 5, EventKind::SignedIn),
    );
    append(log, &first);
    append(log, &second);
    assert_eq!(list(log, user_id(1), 0, 10), [second.clone(), first]);
    assert_eq!(list(log, user_id(1), 0, 1), [second]);
}

/// Checks that equal times and clocks which are set back do not change the order.
pub fn events_are_ordered_by_append_not_by_time(log: &dyn AuditLog) {
    let times = [5, 5, 5, -100, 3, 5, 0, -100];
    let kinds = EventKind::ALL.iter().copied();
    let events: Vec<Event> = times
        .into_iter()
        .zip(kinds)
        .map(|(millis, kind)| event(user_id(1), millis, kind))
        .collect();
    events.iter().for_each(|event| append(log, event));
    assert_holds(log, user_id(1), &events);
}

/// Checks that a list has the events of the given user and no others.
pub fn events_of_other_users_are_not_listed(log: &dyn AuditLog) {
    let (one, other) = (
        event(user_id(1), 0, EventKind::SignedIn),
        event(user_id(2), 0, EventKind::PasswordChanged),
    );
    append(log, &one);
    append(log, &other);
    append(log, &one);
    assert_holds(log, user_id(1), &[one.clone(), one]);
    assert_holds(log, user_id(2), &[other]);
    assert_holds(log, user_id(3), &[]);
}

/// Appends nine events each of users 1 and 2, in turn, and returns those of user 1.
fn append_nine(log: &dyn AuditLog) -> Vec<Event> {
    let of = |user, millis| event(user_id(user), millis, EventKind::SignedIn);
    for millis in 0..9 {
        append(log, &of(1, millis));
        append(log, &of(2, millis));
    }
    (0..9).map(|millis| of(1, millis)).collect()
}

/// Checks that consecutive pages of any size contain each event exactly once.
pub fn pages_cover_everything_exactly_once(log: &dyn AuditLog) {
    let all = append_nine(log);
    for limit in [1, 2, 4, 9, 10] {
        let pages = (0..12).map(|page| list(log, user_id(1), page * limit, limit));
        let mut listed: Vec<Event> = pages.flatten().collect();
        listed.reverse();
        assert_eq!(listed, all, "pages of {limit}");
    }
}

/// Checks that a page which starts past the last event is empty.
pub fn page_past_the_end_is_empty(log: &dyn AuditLog) {
    let all = append_nine(log);
    assert_eq!(list(log, user_id(1), 8, 10), all[..1]);
    for skip in [9, 10, u32::MAX] {
        assert_eq!(list(log, user_id(1), skip, u32::MAX), [], "after {skip}");
    }
}

/// Checks that a limit of zero returns an empty page.
pub fn limit_of_zero_lists_nothing(log: &dyn AuditLog) {
    append_nine(log);
    assert_eq!(list(log, user_id(1), 0, 0), []);
}
