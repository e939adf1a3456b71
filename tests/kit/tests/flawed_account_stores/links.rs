//! Flaws in steps on links, and in finding, listing and purging links.

use kunci_domain::ports::{AccountStore, Committed};
use kunci_domain::{OneTimeToken, Step, Timestamp};
use kunci_testkit::samples::TOKEN_LIFETIME;
use kunci_testkit::suites::account_store::PROMISES;

use crate::store::{Flawed, breaks};
use crate::support::yield_to_other_threads;

/// Returns the time one millisecond before `now`, at which a link is still live that expires at `now`.
fn earlier(now: Timestamp) -> Timestamp {
    Timestamp::from_unix_millis(now.unix_millis().saturating_sub(1))
}

#[test]
fn link_looked_up_before_the_spend_is_caught() {
    let flaw = |store: &mut Flawed| {
        store.commit = |inner, change, now| {
            for step in change.steps() {
                if let Step::SpendLink(key, purpose) = step
                    && inner.link(key, now).is_none_or(|link| link.purpose != *purpose)
                {
                    return Ok(Committed::LinkSpent);
                }
            }
            yield_to_other_threads();
            let spends = |step: &Step| matches!(step, Step::SpendLink(..));
            match inner.store.commit(change, now)? {
                Committed::LinkSpent if change.steps().iter().any(spends) => Ok(Committed::Done),
                outcome => Ok(outcome),
            }
        };
    };
    breaks("one_of_many_concurrent_spends_wins", flaw);
    breaks("concurrent_spends_succeed_once_per_use", flaw);
    breaks("last_use_is_either_spent_or_revoked", flaw);
    breaks("link_being_replaced_is_spent_at_most_once", flaw);
}

#[test]
fn spending_nothing_is_caught() {
    let unlimited = |store: &mut Flawed| {
        store.commit = |inner, change, now| {
            inner.commit_edited(change, now, |step| match step {
                Step::SpendLink(key, purpose)
                    if inner.link(&key, now).is_some_and(|link| link.purpose == purpose) =>
                {
                    None
                }
                step => Some(step),
            })
        };
    };
    breaks("second_use_of_a_link_fails", unlimited);
    breaks("each_spend_takes_one_use", unlimited);
    breaks("one_commit_spends_replaces_and_appends", unlimited);
}

#[test]
fn wrong_spending_is_caught() {
    breaks("spend_for_another_purpose_is_refused", |store| {
        store.commit = |inner, change, now| {
            inner.commit_edited(change, now, |step| match step {
                Step::SpendLink(key, purpose) => {
                    let stored = inner.link(&key, now);
                    [Step::SpendLink(key, stored.map_or(purpose, |link| link.purpose))]
                }
                step => [step],
            })
        };
    });
    let removes = |store: &mut Flawed| {
        store.commit = |inner, change, now| {
            inner.commit_edited(change, now, |step| match step {
                Step::SpendLink(key, _) => [Step::RevokeLink(key)],
                step => [step],
            })
        };
    };
    breaks("each_spend_takes_one_use", removes);
}

#[test]
fn removing_a_link_with_its_last_use_is_allowed() {
    let removes_spent = |store: &mut Flawed| {
        store.commit = |inner, change, now| {
            inner.commit_edited(change, now, |step| match step {
                Step::SpendLink(key, purpose)
                    if inner
                        .link(&key, now)
                        .is_some_and(|link| link.purpose == purpose && link.uses_left == 1) =>
                {
                    [Step::RevokeLink(key)]
                }
                step => [step],
            })
        };
    };
    for (_, check) in PROMISES {
        check(&Flawed::with(removes_spent));
    }
}

#[test]
fn pretended_replacement_of_a_dead_link_is_caught() {
    let flaw = |store: &mut Flawed| {
        store.commit = |inner, change, now| match (change.steps(), inner.store.commit(change, now)?) {
            ([Step::IssueLink(link)], Committed::Collision) if inner.link(&link.key, now).is_none() => {
                Ok(Committed::Done)
            }
            (_, outcome) => Ok(outcome),
        };
    };
    breaks("issue_over_a_dead_link_is_stored_or_collides", flaw);
}

#[test]
fn overwriting_issue_is_caught() {
    let flaw = |store: &mut Flawed| {
        store.commit = |inner, change, now| {
            inner.commit_edited(change, now, |step| match step {
                Step::IssueLink(link) if inner.link(&link.key, now).is_some() => {
                    vec![Step::RevokeLink(link.key), Step::IssueLink(link)]
                }
                step => vec![step],
            })
        };
    };
    breaks("issue_of_existing_key_collides", flaw);
    breaks("collision_revokes_no_link", flaw);
    breaks("one_of_many_concurrent_issues_of_a_key_wins", flaw);
}

/// Returns the links that act on the same account as `link`.
fn of_same_account(links: Vec<OneTimeToken>, link: &OneTimeToken) -> Vec<OneTimeToken> {
    let user = |link: &OneTimeToken| link.account.map(|(user, _)| user);
    let own = links.into_iter().filter(|other| user(other) == user(link));
    own.filter(|_| link.account.is_some()).collect()
}

#[test]
fn keeping_the_replaced_link_is_caught() {
    let flaw = |store: &mut Flawed| {
        store.commit = |inner, change, now| {
            inner.commit_edited(change, now, |step| {
                let Step::IssueLink(link) = step else {
                    return vec![step];
                };
                let mut kept = of_same_account(inner.links(now), &link);
                kept.retain(|other| other.purpose == link.purpose && other.key != link.key);
                // The earlier link is written again without its account, so that both remain.
                let rewritten = kept.into_iter().flat_map(|other| {
                    let account = None;
                    [
                        Step::RevokeLink(other.key),
                        Step::IssueLink(OneTimeToken { account, ..other }),
                    ]
                });
                rewritten.chain([Step::IssueLink(link)]).collect()
            })
        };
    };
    breaks("new_link_replaces_the_earlier_one", flaw);
    breaks("concurrent_issues_for_an_account_leave_one_link", flaw);
}

#[test]
fn one_link_to_reset_per_account_is_caught() {
    breaks("new_link_to_reset_keeps_the_earlier_ones", |store| {
        store.commit = |inner, change, now| {
            inner.commit_edited(change, now, |step| {
                let Step::IssueLink(link) = step else {
                    return vec![step];
                };
                let mut replaced = of_same_account(inner.links(now), &link);
                replaced.retain(|other| other.purpose == link.purpose && other.key != link.key);
                let revoked = replaced.into_iter().map(|other| Step::RevokeLink(other.key));
                revoked.chain([Step::IssueLink(link)]).collect()
            })
        };
    });
}

#[test]
fn issue_that_revokes_too_much_is_caught() {
    breaks("new_link_keeps_other_accounts_and_purposes", |store| {
        store.commit = |inner, change, now| {
            inner.commit_edited(change, now, |step| {
                let Step::IssueLink(link) = step else {
                    return vec![step];
                };
                let own = of_same_account(inner.links(now), &link);
                let revoked = own.iter().map(|other| Step::RevokeLink(other.key));
                revoked.chain([Step::IssueLink(link.clone())]).collect()
            })
        };
    });
    let of_purpose = |store: &mut Flawed| {
        store.commit = |inner, change, now| {
            inner.commit_edited(change, now, |step| match step {
                Step::IssueLink(link) => {
                    vec![Step::RevokeLinksFor(link.purpose), Step::IssueLink(link)]
                }
                step => vec![step],
            })
        };
    };
    breaks("link_without_account_replaces_no_other", of_purpose);
    breaks("new_link_keeps_other_accounts_and_purposes", of_purpose);
}

#[test]
fn wrong_revocation_is_caught() {
    let lenient = |store: &mut Flawed| {
        store.commit = |inner, change, now| {
            inner.commit_edited(change, now, |step| match step {
                Step::RevokeLink(key) if inner.link(&key, now).is_none() => None,
                step => Some(step),
            })
        };
    };
    breaks("revoke_of_unknown_link_is_refused", lenient);
    breaks("revoke_of_dead_link_is_refused", lenient);
    breaks("revoke_removes_only_that_link", |store| {
        store.commit = |inner, change, now| {
            inner.commit_edited(change, now, |step| match step {
                Step::RevokeLink(key) => {
                    let purpose = inner.link(&key, now).map(|link| link.purpose);
                    [purpose.map_or(step, |purpose| Step::SpendLink(key, purpose))]
                }
                step => [step],
            })
        };
    });
    breaks("revoke_for_a_purpose_keeps_other_purposes", |store| {
        store.commit = |inner, change, now| {
            inner.commit_edited(change, now, |step| match step {
                Step::RevokeLinksFor(_) => {
                    let links = inner.links(now).into_iter();
                    links.map(|link| Step::RevokeLink(link.key)).collect()
                }
                step => vec![step],
            })
        };
    });
    breaks("revoke_for_a_purpose_removes_dead_links", |store| {
        store.commit = |inner, change, now| {
            inner.commit_edited(change, now, |step| match step {
                Step::RevokeLinksFor(purpose) => {
                    let links = inner.links(now).into_iter();
                    let live = links.filter(|link| link.purpose == purpose);
                    live.map(|link| Step::RevokeLink(link.key)).collect()
                }
                step => vec![step],
            })
        };
    });
}

#[test]
fn late_expiry_is_caught() {
    breaks("find_link_respects_expiry_to_the_millisecond", |store| {
        store.find_link = |inner, key, now| inner.store.find_link(key, earlier(now));
    });
    let late_commit = |store: &mut Flawed| {
        store.commit = |inner, change, now| inner.store.commit(change, earlier(now));
    };
    breaks("spend_respects_expiry_to_the_millisecond", late_commit);
    breaks("revoke_respects_expiry_to_the_millisecond", late_commit);
    breaks("list_links_respects_expiry_to_the_millisecond", |store| {
        store.list_links =
            |inner, purpose, after, limit, now| inner.store.list_links(purpose, after, limit, earlier(now));
    });
    breaks("purge_respects_expiry_to_the_millisecond", |store| {
        store.purge = |inner, now, before, limit| inner.store.purge(earlier(now), before, limit);
    });
    breaks("link_without_lifetime_or_uses_is_never_live", |store| {
        store.find_link = |inner, key, now| inner.store.find_link(key, earlier(now));
    });
}

#[test]
fn wrong_link_list_is_caught() {
    breaks("links_of_a_purpose_are_listed_in_key_order", |store| {
        store.list_links = |inner, purpose, after, limit, now| {
            let mut links = inner.store.list_links(purpose, after, limit, now)?;
            links.reverse();
            Ok(links)
        };
    });
    breaks("pages_contain_each_link_once", |store| {
        store.list_links = |inner, purpose, _, limit, now| inner.store.list_links(purpose, None, limit, now);
    });
    breaks("limit_of_zero_lists_no_links", |store| {
        store.list_links =
            |inner, purpose, after, limit, now| inner.store.list_links(purpose, after, limit.max(1), now);
    });
    breaks("spent_or_expired_links_do_not_shorten_a_page", |store| {
        store.list_links = |inner, purpose, after, limit, now| {
            let mut links = inner.store.list_links(purpose, after, limit, earlier(now))?;
            links.retain(|link| link.is_live(now));
            Ok(links)
        };
    });
}

#[test]
fn wrong_purge_of_links_is_caught() {
    breaks("purge_of_links_respects_its_limit", |store| {
        store.purge = |inner, now, before, limit| inner.store.purge(now, before, limit.max(1) * 2);
    });
    let early = |store: &mut Flawed| {
        store.purge = |inner, now, before, limit| inner.store.purge(now.after(TOKEN_LIFETIME), before, limit);
    };
    breaks("purge_removes_only_expired_links", early);
    breaks("purge_ignores_spent_links_until_they_expire", early);
    breaks("purge_below_its_limit_leaves_no_expired_link", |store| {
        store.purge = |inner, now, before, limit| inner.store.purge(now, before, limit.min(4));
    });
    breaks("purge_limits_links_and_events_separately", |store| {
        store.purge = |inner, now, before, limit| {
            let links = inner
                .store
                .purge(now, Timestamp::from_unix_millis(i64::MIN), limit)?;
            let left = limit - u32::try_from(links).unwrap();
            let events = inner
                .store
                .purge(Timestamp::from_unix_millis(i64::MIN), before, left)?;
            Ok(links + events)
        };
    });
}
