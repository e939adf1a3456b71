//! Flaws in spending uses and giving them back.

use kunci_domain::OneTimeToken;
use kunci_domain::ports::TokenStore;
use kunci_testkit::samples::start;

use crate::store::Flawed;
use crate::{breaks, yield_to_other_threads};

#[test]
fn check_then_spend_is_caught() {
    let flaw = |store: &mut Flawed| {
        store.spend = |inner, key, purpose, now| {
            let found = inner
                .store
                .find(key, now)?
                .filter(|token| token.purpose == purpose);
            yield_to_other_threads();
            if found.is_some() {
                inner.store.spend(key, purpose, now)?;
            }
            Ok(found)
        };
    };
    breaks("one_of_many_concurrent_spends_wins", flaw);
    breaks("concurrent_spends_succeed_once_per_use", flaw);
    breaks("last_use_is_either_spent_or_voided", flaw);
    breaks("token_being_replaced_is_spent_at_most_once", flaw);
}

#[test]
fn wrong_spending_is_caught() {
    breaks("spend_for_another_purpose_changes_nothing", |store| {
        store.spend = |inner, key, _, now| match inner.store.find(key, now)? {
            Some(token) => inner.store.spend(key, token.purpose, now),
            None => Ok(None),
        };
    });
    breaks("spend_for_another_purpose_changes_nothing", |store| {
        store.spend = |inner, key, purpose, now| {
            let Some(token) = inner.store.find(key, now)? else {
                return Ok(None);
            };
            let spent = inner.store.spend(key, token.purpose, now)?;
            Ok(spent.filter(|token| token.purpose == purpose))
        };
    });
    let returns_the_remaining_uses = |store: &mut Flawed| {
        store.spend = |inner, key, purpose, now| {
            let spent = inner.store.spend(key, purpose, now)?;
            Ok(spent.map(|token| OneTimeToken {
                uses_left: token.uses_left - 1,
                ..token
            }))
        };
    };
    breaks(
        "spend_returns_the_token_and_uses_it_up",
        returns_the_remaining_uses,
    );
    breaks("each_spend_takes_one_use", returns_the_remaining_uses);
    let removes = |store: &mut Flawed| {
        store.spend = |inner, key, purpose, now| {
            let spent = inner.store.spend(key, purpose, now)?;
            if spent.is_some() {
                inner.store.void(key, now)?;
            }
            Ok(spent)
        };
    };
    breaks("each_spend_takes_one_use", removes);
    breaks("returned_use_can_be_spent_again", removes);
    breaks("purge_removes_only_expired_tokens", removes);
}

/// Makes `give_back` add a use without checking the issued count or the time.
fn give_back_unbounded(store: &mut Flawed) {
    store.issue = |inner, token| {
        inner.remember(token);
        inner.store.issue(token)
    };
    store.give_back = |inner, key, _| {
        if let Some(token) = inner.issued_as(key) {
            let now = inner.store.find(key, start())?;
            let uses = now.map_or(0, |token| token.uses_left);
            inner.overwrite(&OneTimeToken {
                uses_left: uses.saturating_add(1),
                ..token
            });
        }
        Ok(())
    };
}

#[test]
fn giving_back_too_much_is_caught() {
    breaks("give_back_never_exceeds_the_issued_uses", give_back_unbounded);
    breaks("give_back_recreates_no_removed_token", give_back_unbounded);
    breaks(
        "give_back_respects_expiry_to_the_millisecond",
        give_back_unbounded,
    );
    breaks("give_back_revives_no_expired_token", give_back_unbounded);
    breaks("give_back_revives_no_token_being_voided", give_back_unbounded);
    breaks("purged_token_is_gone_for_every_method", give_back_unbounded);
    breaks("new_token_replaces_a_spent_or_expired_one", give_back_unbounded);
    breaks("concurrent_spends_and_give_backs_keep_the_count", |store| {
        store.give_back = |inner, key, now| {
            let Some(token) = inner.store.find(key, now)? else {
                return inner.store.give_back(key, now);
            };
            yield_to_other_threads();
            inner.overwrite(&OneTimeToken {
                uses_left: token.uses_left + 1,
                ..token
            });
            Ok(())
        };
    });
}

#[test]
fn missing_give_back_is_caught() {
    breaks("returned_use_can_be_spent_again", |store| {
        store.give_back = |_, _, _| Ok(());
    });
}
