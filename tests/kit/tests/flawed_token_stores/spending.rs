//! Stores that take uses of tokens, or give them back, wrongly.

use kunci_domain::OneTimeToken;
use kunci_domain::ports::TokenStore;
use kunci_testkit::samples::start;

use crate::store::Flawed;
use crate::{breaks, dawdle};

#[test]
fn looking_before_spending() {
    let flaw = |store: &mut Flawed| {
        store.spend = |within, key, purpose, now| {
            let found = within
                .store
                .find(key, now)?
                .filter(|token| token.purpose == purpose);
            dawdle();
            if found.is_some() {
                within.store.spend(key, purpose, now)?;
            }
            Ok(found)
        };
    };
    breaks("one_of_fifty_that_spend_the_last_use_gets_the_token", flaw);
    breaks("as_many_of_fifty_get_a_token_as_it_had_uses", flaw);
    breaks("a_last_use_is_either_taken_or_voided", flaw);
    breaks("a_token_that_is_replaced_is_spent_at_most_once", flaw);
}

#[test]
fn spending_wrongly() {
    breaks("spending_for_another_purpose_changes_nothing", |store| {
        store.spend = |within, key, _, now| match within.store.find(key, now)? {
            Some(token) => within.store.spend(key, token.purpose, now),
            None => Ok(None),
        };
    });
    breaks("spending_for_another_purpose_changes_nothing", |store| {
        store.spend = |within, key, purpose, now| {
            let Some(token) = within.store.find(key, now)? else {
                return Ok(None);
            };
            let spent = within.store.spend(key, token.purpose, now)?;
            Ok(spent.filter(|token| token.purpose == purpose))
        };
    });
    let gives_what_is_left = |store: &mut Flawed| {
        store.spend = |within, key, purpose, now| {
            let spent = within.store.spend(key, purpose, now)?;
            Ok(spent.map(|token| OneTimeToken {
                uses_left: token.uses_left - 1,
                ..token
            }))
        };
    };
    breaks(
        "a_token_comes_as_it_was_and_is_gone_afterwards",
        gives_what_is_left,
    );
    breaks("a_token_of_several_uses_is_spent_one_by_one", gives_what_is_left);
    let removes = |store: &mut Flawed| {
        store.spend = |within, key, purpose, now| {
            let spent = within.store.spend(key, purpose, now)?;
            if spent.is_some() {
                within.store.void(key, now)?;
            }
            Ok(spent)
        };
    };
    breaks("a_token_of_several_uses_is_spent_one_by_one", removes);
    breaks("a_use_that_is_given_back_can_be_taken_again", removes);
    breaks("a_purge_removes_only_the_expired", removes);
}

/// A store that counts one more use without looking at how many there were, or at the time.
fn generous(store: &mut Flawed) {
    store.issue = |within, token| {
        within.remember(token);
        within.store.issue(token)
    };
    store.give_back = |within, key, _| {
        if let Some(token) = within.remembered(key) {
            let now = within.store.find(key, start())?;
            let uses = now.map_or(0, |token| token.uses_left);
            within.force(&OneTimeToken {
                uses_left: uses.saturating_add(1),
                ..token
            });
        }
        Ok(())
    };
}

#[test]
fn giving_back_too_much() {
    breaks("giving_back_makes_no_more_uses_than_there_were", generous);
    breaks("giving_back_makes_no_token_appear", generous);
    breaks("give_back_works_until_the_last_millisecond", generous);
    breaks("give_back_revives_no_expired_token", generous);
    breaks("giving_back_revives_no_token_that_is_being_voided", generous);
    breaks("a_purged_token_is_gone_for_every_method", generous);
    breaks("a_new_token_takes_the_place_of_a_dead_one_too", generous);
    breaks("uses_that_are_given_back_meanwhile_stay_as_many", |store| {
        store.give_back = |within, key, now| {
            let Some(token) = within.store.find(key, now)? else {
                return within.store.give_back(key, now);
            };
            dawdle();
            within.force(&OneTimeToken {
                uses_left: token.uses_left + 1,
                ..token
            });
            Ok(())
        };
    });
}

#[test]
fn forgetting_to_give_back() {
    breaks("a_use_that_is_given_back_can_be_taken_again", |store| {
        store.give_back = |_, _, _| Ok(());
    });
}
