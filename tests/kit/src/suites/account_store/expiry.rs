//! Promises about the expiry of links, per method: a link is live while `now < expires_at`.

use kunci_domain::ports::{AccountStore, Committed};
use kunci_domain::{OneTimeToken, Purpose, Step, Timestamp};

use super::support::{
    add_link, assert_link, assert_no_link, commit_at, end_plus, find_link, list_links, purge_links,
};
use crate::samples::{invitation, link_key, start};

/// Milliseconds relative to the expiry, and whether the link is live then.
const AROUND_EXPIRY: [(i64, bool); 4] = [(-1, true), (0, false), (1, false), (1_000_000, false)];

/// Asserts that `ask` returns `true` exactly while a fresh link is live.
#[track_caller]
fn check_around_expiry(store: &dyn AccountStore, ask: impl Fn(&OneTimeToken, Timestamp) -> bool) {
    for (number, (millis, live)) in (1..).zip(AROUND_EXPIRY) {
        let link = invitation(number);
        add_link(store, &link);
        let answer = ask(&link, end_plus(millis));
        assert_eq!(answer, live, "{millis} ms from expiry");
    }
}

/// Checks that `find_link` returns a link until its last millisecond.
pub fn find_link_respects_expiry_to_the_millisecond(store: &dyn AccountStore) {
    check_around_expiry(store, |link, now| find_link(store, &link.key, now).is_some());
}

/// Checks that a link can be spent until its last millisecond, and is unchanged by a late attempt.
pub fn spend_respects_expiry_to_the_millisecond(store: &dyn AccountStore) {
    check_around_expiry(store, |link, now| {
        let spent = commit_at(store, [Step::SpendLink(link.key, link.purpose)], now);
        let is_spent = find_link(store, &link.key, start()).is_none();
        assert_eq!(
            spent,
            if is_spent {
                Committed::Done
            } else {
                Committed::LinkSpent
            }
        );
        is_spent
    });
}

/// Checks that a link can be revoked until its last millisecond, and is unchanged by a late attempt.
pub fn revoke_respects_expiry_to_the_millisecond(store: &dyn AccountStore) {
    check_around_expiry(store, |link, now| {
        let revoked = commit_at(store, [Step::RevokeLink(link.key)], now);
        let is_revoked = find_link(store, &link.key, start()).is_none();
        assert_eq!(
            revoked,
            if is_revoked {
                Committed::Done
            } else {
                Committed::LinkSpent
            }
        );
        is_revoked
    });
}

/// Checks that `list_links` returns a link until its last millisecond.
pub fn list_links_respects_expiry_to_the_millisecond(store: &dyn AccountStore) {
    check_around_expiry(store, |link, now| {
        let listed = store
            .list_links(Purpose::Invitation, None, 10, now)
            .expect("list_links");
        assert!(listed.len() <= 4);
        listed.contains(link)
    });
}

/// Checks that a purge keeps a link until its last millisecond.
pub fn purge_respects_expiry_to_the_millisecond(store: &dyn AccountStore) {
    check_around_expiry(store, |link, now| {
        purge_links(store, now, 10);
        find_link(store, &link.key, start()).is_some()
    });
}

/// Checks that a link is never live if it expires at or before its creation, or has no uses.
pub fn link_without_lifetime_or_uses_is_never_live(store: &dyn AccountStore) {
    let without_time = OneTimeToken {
        expires_at: start(),
        ..invitation(1)
    };
    let backwards = OneTimeToken {
        expires_at: Timestamp::from_unix_millis(i64::MIN),
        ..invitation(2)
    };
    let without_uses = OneTimeToken {
        uses_left: 0,
        ..invitation(3)
    };
    for link in [without_time, backwards, without_uses] {
        add_link(store, &link);
        assert_no_link(store, &link);
    }
    add_link(store, &invitation(4));
    assert_link(store, &invitation(4));
    let listed = list_links(store, Purpose::Invitation, None, 10);
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].key, link_key(4));
}
