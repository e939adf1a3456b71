//! Promises about purging expired links and old events.

use kunci_domain::ports::{AccountStore, Committed};
use kunci_domain::{Event, EventKind, OneTimeToken, Purpose, Timestamp};

use super::support::{
    add_link, add_user, append, assert_events, assert_link, assert_no_link, assert_user, end, end_plus,
    purge, purge_events, purge_links, spend,
};
use crate::samples::{event, invitation, start, start_plus, token_for, user, user_id};

/// Returns an event of user 1, `millis` milliseconds after the start.
fn at(millis: i64) -> Event {
    event(user_id(1), millis, EventKind::SignedIn)
}

/// Checks that a purge removes expired links, with any account, and keeps live ones.
pub fn purge_removes_only_expired_links(store: &dyn AccountStore) {
    let live = token_for(2, user_id(1), Purpose::SignIn);
    let expired = OneTimeToken {
        expires_at: start(),
        ..token_for(3, user_id(2), Purpose::SignIn)
    };
    for link in [&invitation(1), &live, &expired] {
        add_link(store, link);
    }
    assert_eq!(purge_links(store, start(), 10), 1);
    assert_no_link(store, &expired);
    assert_link(store, &live);
    assert_link(store, &invitation(1));
}

/// Checks that a purge removes at most `limit` links.
pub fn purge_of_links_respects_its_limit(store: &dyn AccountStore) {
    for number in 0..7 {
        add_link(store, &invitation(number));
    }
    assert_eq!(purge_links(store, end(), 0), 0);
    for removed in [3, 3, 1, 0] {
        assert_eq!(purge_links(store, end(), 3), removed);
    }
}

/// Checks that no expired link of any kind is left when a purge returns less than its limit.
///
/// The store may have removed the spent link earlier.
pub fn purge_below_its_limit_leaves_no_expired_link(store: &dyn AccountStore) {
    for number in 0..5 {
        add_link(store, &invitation(number));
    }
    add_link(store, &token_for(5, user_id(1), Purpose::ConfirmAddress));
    assert_eq!(spend(store, &invitation(0)), Committed::Done);
    let removed = purge_links(store, end_plus(5), u32::MAX);
    assert!((5..=6).contains(&removed), "{removed} links were removed");
    assert_eq!(purge_links(store, end_plus(5), u32::MAX), 0);
}

/// Checks that no method finds a purged link, even if the clock is set back, and that its key is free.
pub fn purged_link_is_gone_for_every_method(store: &dyn AccountStore) {
    let link = token_for(1, user_id(1), Purpose::SignIn);
    add_link(store, &link);
    assert_eq!(purge_links(store, end(), 10), 1);
    assert_no_link(store, &link);
    add_link(store, &link);
    assert_link(store, &link);
}

/// Checks that a purge of an empty store returns zero.
pub fn purge_of_empty_store_removes_nothing(store: &dyn AccountStore) {
    assert_eq!(purge(store, Timestamp::MAX, Timestamp::MAX, 10), 0);
}

/// Checks that a purge removes events before the given time and keeps an event at exactly that time.
pub fn purge_removes_only_earlier_events(store: &dyn AccountStore) {
    let of_another = event(user_id(2), 5, EventKind::SignedIn);
    [at(4), at(5), at(6), of_another.clone()]
        .iter()
        .for_each(|event| append(store, event));
    assert_eq!(purge_events(store, start_plus(4), 10), 0);
    assert_eq!(purge_events(store, start_plus(5), 10), 1);
    assert_events(store, user_id(1), &[at(5), at(6)]);
    assert_events(store, user_id(2), &[of_another]);
    assert_eq!(purge_events(store, start_plus(6), 10), 2);
    assert_events(store, user_id(1), &[at(6)]);
    assert_events(store, user_id(2), &[]);
    assert_eq!(purge_events(store, Timestamp::MAX, 10), 1);
    assert_events(store, user_id(1), &[]);
}

/// Checks that a purge removes old events at any position and keeps the order of the rest.
pub fn purge_selects_by_time_and_keeps_the_order(store: &dyn AccountStore) {
    for millis in [9, 1, 8, 2, 7, 3] {
        append(store, &at(millis));
    }
    assert_eq!(purge_events(store, start_plus(4), 10), 3);
    append(store, &at(6));
    assert_events(store, user_id(1), &[at(9), at(8), at(7), at(6)]);
}

/// Checks that a purge removes at most `limit` events, and that no old event is left when it removes
/// fewer.
pub fn purge_of_events_respects_its_limit(store: &dyn AccountStore) {
    for millis in 0..7 {
        append(store, &at(millis));
    }
    append(store, &at(50));
    assert_eq!(purge_events(store, start_plus(10), 0), 0);
    for removed in [3, 3, 1, 0] {
        assert_eq!(purge_events(store, start_plus(10), 3), removed);
    }
    assert_events(store, user_id(1), &[at(50)]);
    assert_eq!(purge_events(store, start_plus(51), u32::MAX), 1);
}

/// Checks that the limit applies to links and events separately, and that users stay.
pub fn purge_limits_links_and_events_separately(store: &dyn AccountStore) {
    add_user(store, &user(1, "ada"));
    for number in 0..5 {
        add_link(store, &invitation(number));
    }
    for millis in 0..3 {
        append(store, &at(millis));
    }
    for removed in [4, 3, 1, 0] {
        assert_eq!(purge(store, end(), start_plus(10), 2), removed);
    }
    assert_user(store, &user(1, "ada"));
    assert_events(store, user_id(1), &[]);
}
