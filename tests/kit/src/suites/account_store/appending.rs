//! Promises about appending and listing events: content, order and pages.

use std::net::{Ipv4Addr, Ipv6Addr};

use kunci_domain::ports::{AccountStore, Committed};
use kunci_domain::{Actor, Device, Event, EventKind, Interface, Timestamp, UserId};

use super::support::{add_user, append, assert_events, delete, events, purge_events};
use crate::samples::{event, user, user_id};

/// Checks that events of every kind are stored and returned unchanged.
pub fn every_event_kind_is_preserved(store: &dyn AccountStore) {
    let appended: Vec<Event> = (0..)
        .zip(EventKind::ALL)
        .map(|(millis, kind)| event(user_id(1), millis, *kind))
        .collect();
    appended.iter().for_each(|event| append(store, event));
    assert_events(store, user_id(1), &appended);
}

/// Checks that devices are preserved with any user agent and address, or neither.
pub fn every_device_is_preserved(store: &dyn AccountStore) {
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
    let appended = devices.map(|device| Event {
        device,
        ..event(user_id(1), 0, EventKind::SignedIn)
    });
    appended.iter().for_each(|event| append(store, event));
    assert_events(store, user_id(1), &appended);
}

/// Checks that every actor is preserved, and that an event is listed for its target only.
pub fn every_actor_is_preserved(store: &dyn AccountStore) {
    let administrators = [Interface::Page, Interface::Api]
        .into_iter()
        .flat_map(|interface| [0, 2, i64::MAX].map(|id| (UserId::from_stored(id), interface)))
        .map(|(id, interface)| Actor::Administrator(id, interface));
    let appended: Vec<Event> = [Actor::Owner, Actor::CommandLine]
        .into_iter()
        .chain(administrators)
        .map(|actor| Event {
            actor,
            ..event(user_id(1), 0, EventKind::DisabledByOperator)
        })
        .collect();
    appended.iter().for_each(|event| append(store, event));
    assert_events(store, user_id(1), &appended);
    for id in [0, 2, i64::MAX] {
        assert_events(store, UserId::from_stored(id), &[]);
    }
}

/// Checks that an event without a target is listed for no user and survives a deletion, but not a purge.
pub fn event_without_target_is_kept_apart(store: &dyn AccountStore) {
    let of_none = Event {
        actor: Actor::Administrator(user_id(1), Interface::Page),
        target: None,
        ..event(user_id(1), 0, EventKind::InvitationCreated)
    };
    add_user(store, &user(1, "ada"));
    append(store, &of_none);
    for id in [0, 1, -1] {
        assert_events(store, UserId::from_stored(id), &[]);
    }
    assert_events(store, user_id(1), &[]);
    assert_eq!(delete(store, user_id(1)), Committed::Done);
    assert_eq!(purge_events(store, of_none.at, 10), 0);
    assert_eq!(purge_events(store, Timestamp::MAX, 10), 1);
}

/// Checks that times at the limits of their type neither wrap nor fail.
pub fn extreme_event_times_are_preserved(store: &dyn AccountStore) {
    let appended = [i64::MAX, i64::MIN, -1, 0].map(|millis| Event {
        at: Timestamp::from_unix_millis(millis),
        ..event(user_id(1), 0, EventKind::SignedIn)
    });
    appended.iter().for_each(|event| append(store, event));
    assert_events(store, user_id(1), &appended);
}

/// Checks that two identical events are both kept.
pub fn identical_events_are_both_kept(store: &dyn AccountStore) {
    let twice = event(user_id(1), 0, EventKind::SecondFactorFailed);
    append(store, &twice);
    append(store, &twice);
    assert_events(store, user_id(1), &[twice.clone(), twice]);
}

/// Checks that the event appended last is listed first.
pub fn latest_events_are_listed_first(store: &dyn AccountStore) {
    let (first, second) = (
        event(user_id(1), 0, EventKind::SignedUp),
        event(user_id(1), 5, EventKind::SignedIn),
    );
    append(store, &first);
    append(store, &second);
    assert_eq!(events(store, user_id(1), 0, 10), [second.clone(), first]);
    assert_eq!(events(store, user_id(1), 0, 1), [second]);
}

/// Checks that equal times and clocks which are set back do not change the order.
pub fn events_are_ordered_by_commit_not_by_time(store: &dyn AccountStore) {
    let times = [5, 5, 5, -100, 3, 5, 0, -100];
    let kinds = EventKind::ALL.iter().copied();
    let appended: Vec<Event> = times
        .into_iter()
        .zip(kinds)
        .map(|(millis, kind)| event(user_id(1), millis, kind))
        .collect();
    appended.iter().for_each(|event| append(store, event));
    assert_events(store, user_id(1), &appended);
}

/// Checks that a list has the events of the given user and no others.
pub fn events_of_other_users_are_not_listed(store: &dyn AccountStore) {
    let (one, other) = (
        event(user_id(1), 0, EventKind::SignedIn),
        event(user_id(2), 0, EventKind::PasswordChanged),
    );
    append(store, &one);
    append(store, &other);
    append(store, &one);
    assert_events(store, user_id(1), &[one.clone(), one]);
    assert_events(store, user_id(2), &[other]);
    assert_events(store, user_id(3), &[]);
}

/// Appends nine events each of users 1 and 2, in turn, and returns those of user 1.
fn append_nine(store: &dyn AccountStore) -> Vec<Event> {
    let of = |user, millis| event(user_id(user), millis, EventKind::SignedIn);
    for millis in 0..9 {
        append(store, &of(1, millis));
        append(store, &of(2, millis));
    }
    (0..9).map(|millis| of(1, millis)).collect()
}

/// Checks that consecutive pages of any size contain each event exactly once.
pub fn pages_contain_each_event_once(store: &dyn AccountStore) {
    let all = append_nine(store);
    for limit in [1, 2, 4, 9, 10] {
        let pages = (0..12).map(|page| events(store, user_id(1), page * limit, limit));
        let mut listed: Vec<Event> = pages.flatten().collect();
        listed.reverse();
        assert_eq!(listed, all, "pages of {limit}");
    }
}

/// Checks that a page which starts past the last event is empty.
pub fn page_past_the_last_event_is_empty(store: &dyn AccountStore) {
    let all = append_nine(store);
    assert_eq!(events(store, user_id(1), 8, 10), all[..1]);
    for skip in [9, 10, u32::MAX] {
        assert_eq!(events(store, user_id(1), skip, u32::MAX), [], "after {skip}");
    }
}

/// Checks that a limit of zero returns an empty page.
pub fn limit_of_zero_lists_no_events(store: &dyn AccountStore) {
    append_nine(store);
    assert_eq!(events(store, user_id(1), 0, 0), []);
}
