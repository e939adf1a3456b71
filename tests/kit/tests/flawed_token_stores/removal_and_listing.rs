//! Flaws in expiry, voiding, purging and listing.

use kunci_domain::ports::TokenStore;
use kunci_domain::{Purpose, Timestamp};
use kunci_testkit::samples::{TOKEN_LIFETIME, start};

use crate::breaks;
use crate::store::Flawed;

/// Returns the time one millisecond before `now`, at which a token is still live that expires at `now`.
fn earlier(now: Timestamp) -> Timestamp {
    Timestamp::from_unix_millis(now.unix_millis() - 1)
}

#[test]
fn late_expiry_is_caught() {
    breaks("find_respects_expiry_to_the_millisecond", |store| {
        store.find = |inner, key, now| inner.store.find(key, earlier(now));
    });
    breaks("spend_respects_expiry_to_the_millisecond", |store| {
        store.spend = |inner, key, purpose, now| inner.store.spend(key, purpose, earlier(now));
    });
    breaks("give_back_respects_expiry_to_the_millisecond", |store| {
        store.give_back = |inner, key, now| inner.store.give_back(key, earlier(now));
    });
    breaks("give_back_revives_no_expired_token", |store| {
        store.give_back = |inner, key, now| inner.store.give_back(key, earlier(now));
        store.spend = |inner, key, purpose, now| inner.store.spend(key, purpose, earlier(now));
    });
    breaks("void_respects_expiry_to_the_millisecond", |store| {
        store.void = |inner, key, now| inner.store.void(key, earlier(now));
    });
    breaks("list_respects_expiry_to_the_millisecond", |store| {
        store.list =
            |inner, purpose, after, limit, now| inner.store.list(purpose, after, limit, earlier(now));
    });
    breaks("purge_respects_expiry_to_the_millisecond", |store| {
        store.purge_expired = |inner, now, limit| inner.store.purge_expired(earlier(now), limit);
    });
    breaks("token_without_lifetime_or_uses_is_never_live", |store| {
        store.find = |inner, key, now| inner.store.find(key, earlier(now));
    });
}

#[test]
fn wrong_voiding_is_caught() {
    breaks("void_can_be_repeated", |store| {
        store.void = |inner, key, now| inner.store.void(key, now).map(|_| true);
    });
    breaks("void_removes_only_that_token", |store| {
        store.void = |inner, key, now| Ok(inner.store.find(key, now)?.is_some());
    });
    breaks("void_of_spent_or_expired_token_returns_false", |store| {
        store.void = |inner, key, now| match inner.store.find(key, now)? {
            Some(_) => inner.store.void(key, now),
            None => Ok(false),
        };
    });
    let only_live = |store: &mut Flawed| {
        store.void_all_of = |inner, user| {
            let mut voided = 0;
            for purpose in Purpose::ALL {
                for token in inner.store.list(purpose, None, 100, start())? {
                    let own = token.account.is_some_and(|(owner, _)| owner == user);
                    voided += u64::from(own && inner.store.void(&token.key, start())?);
                }
            }
            Ok(voided)
        };
    };
    breaks("void_all_of_user_removes_spent_tokens", only_live);
    breaks("void_all_of_user_leaves_other_tokens", |store| {
        store.void_all_of = |inner, user| {
            for token in inner.store.list(Purpose::Invitation, None, 100, start())? {
                inner.store.void(&token.key, start())?;
            }
            inner.store.void_all_of(user)
        };
    });
}

#[test]
fn wrong_purge_is_caught() {
    breaks("purge_respects_its_limit", |store| {
        store.purge_expired = |inner, now, limit| inner.store.purge_expired(now, limit.max(1) * 2);
    });
    breaks("purge_removes_only_expired_tokens", |store| {
        store.purge_expired = |inner, now, limit| inner.store.purge_expired(now.after(TOKEN_LIFETIME), limit);
    });
    breaks("purge_below_its_limit_leaves_nothing_expired", |store| {
        store.purge_expired = |inner, now, limit| inner.store.purge_expired(now, limit.min(4));
    });
}

#[test]
fn wrong_listing_is_caught() {
    breaks("tokens_of_a_purpose_are_listed_in_key_order", |store| {
        store.list = |inner, purpose, after, limit, now| {
            let mut listed = inner.store.list(purpose, after, limit, now)?;
            listed.reverse();
            Ok(listed)
        };
    });
    breaks("pages_cover_everything_exactly_once", |store| {
        store.list = |inner, purpose, _, limit, now| inner.store.list(purpose, None, limit, now);
    });
    breaks("limit_of_zero_lists_nothing", |store| {
        store.list = |inner, purpose, after, limit, now| inner.store.list(purpose, after, limit.max(1), now);
    });
    breaks("spent_or_expired_tokens_do_not_shorten_a_page", |store| {
        store.list = |inner, purpose, after, limit, now| {
            let early = Timestamp::from_unix_millis(i64::MIN);
            let listed = inner.store.list(purpose, after, limit, early)?;
            Ok(listed.into_iter().filter(|token| token.is_live(now)).collect())
        };
    });
}
