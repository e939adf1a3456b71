//! What goes in comes out, in the order in which it went in, page by page.

use std::net::{Ipv4Addr, Ipv6Addr};

use kunci_domain::ports::AuditLog;
use kunci_domain::{Device, Event, EventKind, Timestamp};

use super::steps::{append, assert_holds, list};
use crate::samples::{event, user_id};

/// Every kind survives, with all that is told of it.
pub fn every_kind_of_event_comes_back_as_it_went_in(log: &dyn AuditLog) {
    let events: Vec<Event> = (0..)
        .zip(EventKind::ALL)
        .map(|(millis, kind)| event(user_id(1), millis, *kind))
        .collect();
    events.iter().for_each(|event| append(log, event));
    assert_holds(log, user_id(1), &events);
}

/// Whatever a client calls itself, wherever it is, or nothing at all.
pub fn every_device_comes_back(log: &dyn AuditLog) {
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

/// Times at the ends of their type neither wrap nor fail.
pub fn extreme_times_come_back(log: &dyn AuditLog) {
    let events = [i64::MAX, i64::MIN, -1, 0].map(|millis| Event {
        at: Timestamp::from_unix_millis(millis),
        ..event(user_id(1), 0, EventKind::SignedIn)
    });
    events.iter().for_each(|event| append(log, event));
    assert_holds(log, user_id(1), &events);
}

/// An event is no record that could be there already.
pub fn what_happened_twice_stands_there_twice(log: &dyn AuditLog) {
    let twice = event(user_id(1), 0, EventKind::SecondFactorFailed);
    append(log, &twice);
    append(log, &twice);
    assert_holds(log, user_id(1), &[twice.clone(), twice]);
}

/// People look for what happened of late.
pub fn events_are_listed_the_latest_first(log: &dyn AuditLog) {
    let (first, second) = (
        event(user_id(1), 0, EventKind::SignedUp),
        event(user_id(1), 5, EventKind::SignedIn),
    );
    append(log, &first);
    append(log, &second);
    assert_eq!(list(log, user_id(1), 0, 10), [second.clone(), first]);
    assert_eq!(list(log, user_id(1), 0, 1), [second]);
}

/// Equal times and clocks that are set back change no order.
pub fn the_order_is_that_of_appending_whatever_the_clock_said(log: &dyn AuditLog) {
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

/// Nobody reads what happened to others.
pub fn a_user_s_events_are_listed_alone(log: &dyn AuditLog) {
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

/// Nine events of one user, among those of another.
fn append_nine(log: &dyn AuditLog) -> Vec<Event> {
    let of = |user, millis| event(user_id(user), millis, EventKind::SignedIn);
    for millis in 0..9 {
        append(log, &of(1, millis));
        append(log, &of(2, millis));
    }
    (0..9).map(|millis| of(1, millis)).collect()
}

/// Pages of any size put together are the whole, with nothing twice.
pub fn pages_put_together_are_the_whole(log: &dyn AuditLog) {
    let whole = append_nine(log);
    for limit in [1, 2, 4, 9, 10] {
        let pages = (0..12).map(|page| list(log, user_id(1), page * limit, limit));
        let mut seen: Vec<Event> = pages.flatten().collect();
        seen.reverse();
        assert_eq!(seen, whole, "pages of {limit}");
    }
}

/// There is nothing before the first event.
pub fn a_page_beyond_the_end_is_empty(log: &dyn AuditLog) {
    let whole = append_nine(log);
    assert_eq!(list(log, user_id(1), 8, 10), whole[..1]);
    for skip in [9, 10, u32::MAX] {
        assert_eq!(list(log, user_id(1), skip, u32::MAX), [], "after {skip}");
    }
}

/// A page of nothing is empty.
pub fn a_limit_of_zero_lists_nothing(log: &dyn AuditLog) {
    append_nine(log);
    assert_eq!(list(log, user_id(1), 0, 0), []);
}
