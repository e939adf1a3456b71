//! Stores that issue tokens wrongly.

use kunci_domain::OneTimeToken;
use kunci_domain::ports::{Inserted, TokenStore};
use kunci_testkit::samples::start;

use crate::breaks;
use crate::store::Flawed;

#[test]
fn issuing_over_what_is_there() {
    let flaw = |store: &mut Flawed| {
        store.issue = |within, token| {
            within.force(token);
            Ok(Inserted::Done)
        };
    };
    breaks("a_second_token_under_one_key_collides_and_changes_nothing", flaw);
    breaks("a_dead_token_keeps_its_key", flaw);
    breaks("a_collision_voids_nothing", flaw);
    breaks("one_of_several_issues_of_one_key_wins", flaw);
}

#[test]
fn keeping_the_earlier_token_of_an_account() {
    let flaw = |store: &mut Flawed| {
        store.issue = |within, token| {
            let earlier = within.aside.lock().unwrap().clone();
            let answer = within.store.issue(token)?;
            let user = |token: &OneTimeToken| token.account.map(|(user, _)| user);
            // What took the place of another one loses its account here, so that both can stay.
            for kept in earlier.iter().filter(|kept| kept.key != token.key) {
                if user(kept) == user(token) && kept.purpose == token.purpose {
                    within.force(&OneTimeToken {
                        account: None,
                        ..kept.clone()
                    });
                }
            }
            within.remember(token);
            Ok(answer)
        };
    };
    breaks("a_new_token_takes_the_place_of_the_earlier_one", flaw);
    breaks("a_new_token_takes_the_place_of_a_dead_one_too", flaw);
    breaks("one_of_several_tokens_of_an_account_and_purpose_is_left", flaw);
}

#[test]
fn voiding_too_much_when_issuing() {
    breaks("a_new_token_leaves_other_accounts_and_purposes_alone", |store| {
        store.issue = |within, token| {
            if let Some((user, _)) = token.account {
                within.store.void_all_of(user)?;
            }
            within.store.issue(token)
        };
    });
    breaks("a_token_without_an_account_voids_no_other", |store| {
        store.issue = |within, token| {
            for kept in within.store.list(token.purpose, None, 100, start())? {
                within.store.void(&kept.key, start())?;
            }
            within.store.issue(token)
        };
    });
    breaks("a_collision_voids_nothing", |store| {
        store.issue = |within, token| {
            for kept in within.store.list(token.purpose, None, 100, start())? {
                if kept.account == token.account {
                    within.store.void(&kept.key, start())?;
                }
            }
            within.store.issue(token)
        };
    });
}
