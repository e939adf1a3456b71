//! Flaws in issuing tokens.

use kunci_domain::OneTimeToken;
use kunci_domain::ports::{Inserted, TokenStore};
use kunci_testkit::samples::start;

use crate::breaks;
use crate::store::Flawed;

#[test]
fn overwriting_issue_is_caught() {
    let flaw = |store: &mut Flawed| {
        store.issue = |inner, token| {
            inner.overwrite(token);
            Ok(Inserted::Done)
        };
    };
    breaks("issue_of_existing_key_collides", flaw);
    breaks("key_of_spent_or_expired_token_stays_taken", flaw);
    breaks("collision_voids_no_token", flaw);
    breaks("one_of_many_concurrent_issues_of_a_key_wins", flaw);
}

#[test]
fn keeping_the_replaced_token_is_caught() {
    let flaw = |store: &mut Flawed| {
        store.issue = |inner, token| {
            let earlier = inner.issued.lock().unwrap().clone();
            let answer = inner.store.issue(token)?;
            let user = |token: &OneTimeToken| token.account.map(|(user, _)| user);
            // The earlier token is written again without its account, so that both remain.
            for kept in earlier.iter().filter(|kept| kept.key != token.key) {
                if user(kept) == user(token) && kept.purpose == token.purpose {
                    inner.overwrite(&OneTimeToken {
                        account: None,
                        ..kept.clone()
                    });
                }
            }
            inner.remember(token);
            Ok(answer)
        };
    };
    breaks("new_token_replaces_the_earlier_one", flaw);
    breaks("new_token_replaces_a_spent_or_expired_one", flaw);
    breaks("concurrent_issues_for_an_account_leave_one_token", flaw);
}

#[test]
fn issue_that_voids_too_much_is_caught() {
    breaks("new_token_keeps_other_accounts_and_purposes", |store| {
        store.issue = |inner, token| {
            if let Some((user, _)) = token.account {
                inner.store.void_all_of(user)?;
            }
            inner.store.issue(token)
        };
    });
    breaks("token_without_account_replaces_no_other", |store| {
        store.issue = |inner, token| {
            for kept in inner.store.list(token.purpose, None, 100, start())? {
                inner.store.void(&kept.key, start())?;
            }
            inner.store.issue(token)
        };
    });
    breaks("collision_voids_no_token", |store| {
        store.issue = |inner, token| {
            for kept in inner.store.list(token.purpose, None, 100, start())? {
                if kept.account == token.account {
                    inner.store.void(&kept.key, start())?;
                }
            }
            inner.store.issue(token)
        };
    });
}
