//! The last millisecond, for each method: a token lives while `now < expires_at`.

use kunci_domain::ports::TokenStore;
use kunci_domain::{OneTimeToken, Purpose, Timestamp};

use super::steps::{add, assert_dead, assert_holds, end_plus, find, purge, spend, spend_at};
use crate::samples::{invitation, link_key, start};

/// Milliseconds from the end of a token, and whether it lives.
const AROUND_THE_END: [(i64, bool); 4] = [(-1, true), (0, false), (1, false), (1_000_000, false)];

/// Asks something about a fresh token at each of these times.
#[track_caller]
fn check(store: &dyn TokenStore, ask: impl Fn(&OneTimeToken, Timestamp) -> bool) {
    for (number, (millis, lives)) in (1..).zip(AROUND_THE_END) {
        let token = invitation(number);
        add(store, &token);
        let answer = ask(&token, end_plus(millis));
        assert_eq!(answer, lives, "{millis} ms from the end");
    }
}

/// Finding.
pub fn find_sees_a_token_until_its_last_millisecond(store: &dyn TokenStore) {
    check(store, |token, now| find(store, &token.key, now).is_some());
}

/// Spending; what is refused takes no use.
pub fn spend_takes_a_use_until_the_last_millisecond(store: &dyn TokenStore) {
    check(store, |token, now| {
        let spent = spend_at(store, token, now).is_some();
        assert_eq!(find(store, &token.key, start()).is_none(), spent);
        spent
    });
}

/// Giving back.
pub fn give_back_works_until_the_last_millisecond(store: &dyn TokenStore) {
    check(store, |token, now| {
        assert!(spend(store, token).is_some());
        store.give_back(&token.key, now).expect("give_back");
        find(store, &token.key, start()).is_some()
    });
}

/// An expired token stays dead, whatever is given back and when.
pub fn give_back_revives_no_expired_token(store: &dyn TokenStore) {
    let token = invitation(1);
    add(store, &token);
    assert!(spend_at(store, &token, end_plus(-1)).is_some());
    for millis in [0, 1] {
        store.give_back(&token.key, end_plus(millis)).expect("give_back");
        assert_eq!(find(store, &token.key, end_plus(millis)), None);
        assert_eq!(spend_at(store, &token, end_plus(millis)), None);
    }
    assert_dead(store, &token);
}

/// Voiding tells whether somebody lost a token that worked.
pub fn void_tells_of_a_token_until_its_last_millisecond(store: &dyn TokenStore) {
    check(store, |token, now| store.void(&token.key, now).expect("void"));
}

/// Listing.
pub fn list_shows_a_token_until_its_last_millisecond(store: &dyn TokenStore) {
    check(store, |token, now| {
        let listed = store.list(Purpose::Invitation, None, 10, now).expect("list");
        assert!(listed.len() <= 4);
        listed.contains(token)
    });
}

/// Purging.
pub fn purge_spares_a_token_until_its_last_millisecond(store: &dyn TokenStore) {
    check(store, |token, now| {
        purge(store, now, 10);
        find(store, &token.key, start()).is_some()
    });
}

/// What ends when it begins, or before, never lives, and neither does what nobody may use.
pub fn a_token_without_time_or_uses_is_dead_at_once(store: &dyn TokenStore) {
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
    for token in [without_time, backwards, without_uses] {
        add(store, &token);
        assert_dead(store, &token);
        assert_eq!(spend(store, &token), None);
    }
    add(store, &invitation(4));
    assert_holds(store, &invitation(4));
    let listed = store.list(Purpose::Invitation, None, 10, start()).expect("list");
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].key, link_key(4));
}
