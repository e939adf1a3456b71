//! Stores that end tokens, or list them, wrongly.

use kunci_domain::ports::TokenStore;
use kunci_domain::{Purpose, Timestamp};
use kunci_testkit::samples::{TOKEN_LIFETIME, start};

use crate::breaks;
use crate::store::Flawed;

/// One millisecond later, for a store that takes the last moment for one of life.
fn sooner(now: Timestamp) -> Timestamp {
    Timestamp::from_unix_millis(now.unix_millis() - 1)
}

#[test]
fn living_for_a_millisecond_too_long() {
    breaks("find_sees_a_token_until_its_last_millisecond", |store| {
        store.find = |within, key, now| within.store.find(key, sooner(now));
    });
    breaks("spend_takes_a_use_until_the_last_millisecond", |store| {
        store.spend = |within, key, purpose, now| within.store.spend(key, purpose, sooner(now));
    });
    breaks("give_back_works_until_the_last_millisecond", |store| {
        store.give_back = |within, key, now| within.store.give_back(key, sooner(now));
    });
    breaks("give_back_revives_no_expired_token", |store| {
        store.give_back = |within, key, now| within.store.give_back(key, sooner(now));
        store.spend = |within, key, purpose, now| within.store.spend(key, purpose, sooner(now));
    });
    breaks("void_tells_of_a_token_until_its_last_millisecond", |store| {
        store.void = |within, key, now| within.store.void(key, sooner(now));
    });
    breaks("list_shows_a_token_until_its_last_millisecond", |store| {
        store.list =
            |within, purpose, after, limit, now| within.store.list(purpose, after, limit, sooner(now));
    });
    breaks("purge_spares_a_token_until_its_last_millisecond", |store| {
        store.purge_expired = |within, now, limit| within.store.purge_expired(sooner(now), limit);
    });
    breaks("a_token_without_time_or_uses_is_dead_at_once", |store| {
        store.find = |within, key, now| within.store.find(key, sooner(now));
    });
}

#[test]
fn voiding_wrongly() {
    breaks("voiding_may_be_repeated", |store| {
        store.void = |within, key, now| within.store.void(key, now).map(|_| true);
    });
    breaks("voiding_removes_the_token_and_no_other", |store| {
        store.void = |within, key, now| Ok(within.store.find(key, now)?.is_some());
    });
    breaks(
        "voiding_a_dead_token_removes_it_and_says_that_it_was_none",
        |store| {
            store.void = |within, key, now| match within.store.find(key, now)? {
                Some(_) => within.store.void(key, now),
                None => Ok(false),
            };
        },
    );
    let only_live = |store: &mut Flawed| {
        store.void_all_of = |within, user| {
            let mut voided = 0;
            for purpose in Purpose::ALL {
                for token in within.store.list(purpose, None, 100, start())? {
                    let own = token.account.is_some_and(|(owner, _)| owner == user);
                    voided += u64::from(own && within.store.void(&token.key, start())?);
                }
            }
            Ok(voided)
        };
    };
    breaks("voiding_all_of_an_account_finds_spent_tokens", only_live);
    breaks("voiding_all_of_an_account_leaves_everybody_else", |store| {
        store.void_all_of = |within, user| {
            for token in within.store.list(Purpose::Invitation, None, 100, start())? {
                within.store.void(&token.key, start())?;
            }
            within.store.void_all_of(user)
        };
    });
}

#[test]
fn purging_wrongly() {
    breaks("a_purge_honours_its_limit", |store| {
        store.purge_expired = |within, now, limit| within.store.purge_expired(now, limit.max(1) * 2);
    });
    breaks("a_purge_removes_only_the_expired", |store| {
        store.purge_expired =
            |within, now, limit| within.store.purge_expired(now.after(TOKEN_LIFETIME), limit);
    });
    breaks("a_purge_that_falls_short_has_removed_all", |store| {
        store.purge_expired = |within, now, limit| within.store.purge_expired(now, limit.min(4));
    });
}

#[test]
fn listing_wrongly() {
    breaks(
        "tokens_of_a_purpose_are_listed_in_the_order_of_their_keys",
        |store| {
            store.list = |within, purpose, after, limit, now| {
                let mut listed = within.store.list(purpose, after, limit, now)?;
                listed.reverse();
                Ok(listed)
            };
        },
    );
    breaks("pages_put_together_are_the_whole", |store| {
        store.list = |within, purpose, _, limit, now| within.store.list(purpose, None, limit, now);
    });
    breaks("a_limit_of_zero_lists_nothing", |store| {
        store.list =
            |within, purpose, after, limit, now| within.store.list(purpose, after, limit.max(1), now);
    });
    breaks("dead_tokens_take_no_place_of_a_page", |store| {
        store.list = |within, purpose, after, limit, now| {
            let early = Timestamp::from_unix_millis(i64::MIN);
            let listed = within.store.list(purpose, after, limit, early)?;
            Ok(listed.into_iter().filter(|token| token.is_live(now)).collect())
        };
    });
}
