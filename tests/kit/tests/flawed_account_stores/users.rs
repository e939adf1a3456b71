//! Flaws in steps on users, and in finding and listing users.

use kunci_domain::ports::{AccountStore, Committed};
use kunci_domain::{EmailAddress, Event, OneTimeToken, Step, User, UserId};
use kunci_testkit::samples::start;

use crate::store::{Flawed, Inner, breaks};
use crate::support::yield_to_other_threads;

#[test]
fn case_sensitive_names_are_caught() {
    breaks("find_by_name_ignores_case", |store| {
        store.find_by_name = |inner, name| {
            let found = inner.store.find_by_name(name)?;
            Ok(found.filter(|user| user.name.as_str() == name.as_str()))
        };
    });
}

#[test]
fn samples_that_favour_some_users_are_caught() {
    breaks("sample_starts_at_an_id_and_wraps_around", |store| {
        store.sample_hashes = |inner, _, limit| inner.store.sample_hashes(UserId::from_stored(0), limit);
    });
    breaks("sample_starts_at_an_id_and_wraps_around", |store| {
        store.sample_hashes = |inner, from, limit| {
            let mut sampled = inner.store.sample_hashes(from, limit)?;
            sampled.retain(|(id, _)| from <= *id);
            Ok(sampled)
        };
    });
    breaks("sample_respects_its_limit", |store| {
        store.sample_hashes = |inner, from, limit| {
            let mut sampled = inner.store.sample_hashes(from, limit)?;
            sampled.extend(inner.store.sample_hashes(from, limit)?);
            Ok(sampled)
        };
    });
}

#[test]
fn name_looked_up_before_the_insert_is_caught() {
    let flaw = |store: &mut Flawed| {
        store.commit = |inner, change, now| {
            for step in change.steps() {
                if let Step::InsertUser(user) = step
                    && inner.store.find_by_name(&user.name)?.is_some()
                {
                    return Ok(Committed::NameTaken);
                }
            }
            yield_to_other_threads();
            let _ = inner.store.commit(change, now)?;
            Ok(Committed::Done)
        };
    };
    breaks("one_of_many_concurrent_inserts_of_a_name_wins", flaw);
}

#[test]
fn overwriting_insert_is_caught() {
    let flaw = |store: &mut Flawed| {
        store.commit = |inner, change, now| {
            inner.commit_edited(change, now, |step| match step {
                Step::InsertUser(user) if inner.user(user.id).is_some() => {
                    vec![Step::DeleteUser(user.id), Step::InsertUser(user)]
                }
                step => vec![step],
            })
        };
    };
    breaks("insert_of_existing_id_collides", flaw);
    breaks("second_insert_of_same_user_is_refused", flaw);
}

#[test]
fn upserting_replacement_is_caught() {
    let flaw = |store: &mut Flawed| {
        store.commit = |inner, change, now| {
            inner.commit_edited(change, now, |step| match step {
                Step::ReplaceUser(user) if inner.user(user.id).is_none() => [Step::InsertUser(user)],
                step => [step],
            })
        };
    };
    breaks("replace_of_unknown_user_is_gone", flaw);
    breaks("replace_after_delete_is_gone", flaw);
    breaks("refused_step_undoes_the_one_before", flaw);
    breaks("no_replacement_revives_a_user_during_delete", flaw);
}

/// Returns steps that write a user whatever its revision, which no store should be able to do.
fn overwrite(inner: &Inner, user: User) -> Vec<Step> {
    let mut steps = vec![Step::DeleteUser(user.id)];
    steps.extend(inner.history(user.id).into_iter().map(Step::AppendEvent));
    steps.extend(links_of(inner, &user).into_iter().map(Step::IssueLink));
    steps.push(Step::InsertUser(user));
    steps
}

fn links_of(inner: &Inner, user: &User) -> Vec<OneTimeToken> {
    let mut links = inner.links(start());
    links.retain(|link| link.account.is_some_and(|(owner, _)| owner == user.id));
    links
}

#[test]
fn revision_checked_before_the_transaction_is_caught() {
    let flaw = |store: &mut Flawed| {
        store.commit = |inner, change, now| {
            let mut steps = Vec::new();
            for step in change.steps() {
                let Step::ReplaceUser(user) = step else {
                    steps.push(step.clone());
                    continue;
                };
                let Some(stored) = inner.user(user.id) else {
                    return Ok(Committed::Gone);
                };
                if stored.revision != user.revision {
                    return Ok(Committed::Stale);
                }
                steps.extend(overwrite(
                    inner,
                    User {
                        name: stored.name,
                        created_at: stored.created_at,
                        revision: user.revision.next(),
                        ..user.clone()
                    },
                ));
            }
            yield_to_other_threads();
            inner.commit(steps, now)
        };
    };
    breaks("concurrent_epoch_changes_are_not_lost", flaw);
    breaks("one_of_many_concurrent_replacements_wins", flaw);
}

#[test]
fn ignoring_the_revision_is_caught() {
    let flaw = |store: &mut Flawed| {
        store.commit = |inner, change, now| {
            inner.commit_edited(change, now, |step| match step {
                Step::ReplaceUser(user) => {
                    let stored = inner.user(user.id);
                    let revision = stored.map_or(user.revision, |stored| stored.revision);
                    [Step::ReplaceUser(User { revision, ..user })]
                }
                step => [step],
            })
        };
    };
    breaks("replace_from_old_revision_is_stale", flaw);
    breaks("replace_from_future_revision_is_stale", flaw);
    breaks("one_of_many_concurrent_replacements_wins", flaw);
    breaks("refused_change_succeeds_after_a_new_read", flaw);
}

#[test]
fn renaming_replacement_is_caught() {
    breaks("replace_changes_all_but_id_name_and_creation_time", |store| {
        store.commit = |inner, change, now| {
            inner.commit_edited(change, now, |step| match step {
                Step::ReplaceUser(user) => overwrite(
                    inner,
                    User {
                        revision: user.revision.next(),
                        ..user
                    },
                ),
                step => vec![step],
            })
        };
    });
}

#[test]
fn deletion_that_keeps_links_or_events_is_caught() {
    let links = |store: &mut Flawed| {
        store.commit = |inner, change, now| {
            inner.commit_edited(change, now, |step| {
                let kept: Vec<OneTimeToken> = match &step {
                    Step::DeleteUser(id) => inner
                        .user(*id)
                        .iter()
                        .flat_map(|user| links_of(inner, user))
                        .collect(),
                    _ => Vec::new(),
                };
                [step].into_iter().chain(kept.into_iter().map(Step::IssueLink))
            })
        };
    };
    breaks("delete_removes_the_links_of_the_user", links);
    breaks("successor_of_a_deleted_user_starts_empty", links);
    breaks("readers_see_all_of_a_change_or_nothing", links);
    let events = |store: &mut Flawed| {
        store.commit = |inner, change, now| {
            inner.commit_edited(change, now, |step| {
                let kept: Vec<Event> = match &step {
                    Step::DeleteUser(id) => inner.history(*id),
                    _ => Vec::new(),
                };
                [step].into_iter().chain(kept.into_iter().map(Step::AppendEvent))
            })
        };
    };
    breaks("delete_removes_the_events_of_the_user", events);
    breaks("successor_of_a_deleted_user_starts_empty", events);
}

#[test]
fn wrong_deletion_is_caught() {
    breaks("delete_of_unknown_user_is_gone", |store| {
        store.commit = |inner, change, now| match inner.store.commit(change, now)? {
            Committed::Gone => Ok(Committed::Done),
            outcome => Ok(outcome),
        };
    });
    let ignored = |store: &mut Flawed| {
        store.commit = |inner, change, now| {
            let others = |step| Some(step).filter(|step| !matches!(step, Step::DeleteUser(_)));
            inner.commit_edited(change, now, others)
        };
    };
    breaks("delete_removes_only_that_user", ignored);
    breaks("delete_frees_the_name_and_the_id", ignored);
}

#[test]
fn wrong_user_list_is_caught() {
    breaks("users_are_listed_in_folded_name_order", |store| {
        store.list = |inner, after, limit| {
            let mut listed = inner.store.list(after, limit)?;
            listed.sort_by(|one, other| one.name.as_str().cmp(other.name.as_str()));
            Ok(listed)
        };
    });
    breaks("pages_contain_each_user_once", |store| {
        store.list = |inner, _, limit| inner.store.list(None, limit);
    });
    breaks("limit_of_zero_lists_no_users", |store| {
        store.list = |inner, after, limit| inner.store.list(after, limit.max(1));
    });
}

#[test]
fn wrong_address_search_is_caught() {
    breaks("unconfirmed_address_finds_no_user", |store| {
        store.find_by_address = |inner, address, _| {
            let mut users = inner.store.list(None, u32::MAX)?;
            users.retain(|user| user.email.as_ref() == Some(address));
            Ok(users)
        };
    });
    let by_case = |store: &mut Flawed| {
        store.find_by_address = |inner, address, limit| {
            let mut users = inner.store.find_by_address(address, limit)?;
            users.retain(|user| user.email.as_ref() == Some(address));
            Ok(users)
        };
    };
    let addresses = "addresses_ignore_only_ascii_case";
    breaks(addresses, by_case);
    breaks("address_search_reflects_every_write", by_case);
    breaks(addresses, |store| {
        store.find_by_address = |inner, address, _| {
            let mut users = inner.store.list(None, u32::MAX)?;
            let folded = |address: &EmailAddress| address.as_str().to_lowercase();
            users.retain(|user| user.confirmed_address().map(folded) == Some(folded(address)));
            Ok(users)
        };
    });
    let order = "users_sharing_an_address_are_in_name_order";
    breaks(order, |store| {
        store.find_by_address = |inner, address, _| inner.store.find_by_address(address, u32::MAX);
    });
    breaks(order, |store| {
        store.find_by_address = |inner, address, limit| {
            let mut users = inner.store.find_by_address(address, limit)?;
            users.reverse();
            Ok(users)
        };
    });
}

#[test]
fn losing_user_fields_is_caught() {
    let flaw = |store: &mut Flawed| {
        store.commit = |inner, change, now| {
            inner.commit_edited(change, now, |step| match step {
                Step::InsertUser(user) => [Step::InsertUser(User {
                    second_factor: None,
                    ..user
                })],
                step => [step],
            })
        };
    };
    breaks("all_user_fields_are_preserved", flaw);
    breaks("second_factors_are_preserved", flaw);
    breaks("replace_changes_all_but_id_name_and_creation_time", |store| {
        store.commit = |inner, change, now| {
            inner.commit_edited(change, now, |step| match step {
                Step::ReplaceUser(user) => {
                    let kept = inner.user(user.id).and_then(|kept| kept.email_confirmed_at);
                    [Step::ReplaceUser(User {
                        email_confirmed_at: kept,
                        ..user
                    })]
                }
                step => [step],
            })
        };
    });
}
