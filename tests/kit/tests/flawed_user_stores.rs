//! The suite detects flaws: each known flaw of user stores breaks the expected promise.

#![allow(clippy::unwrap_used, reason = "a test fails if a step fails")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use kunci_domain::ports::{StoreError, Updated, UserInserted, UserStore};
use kunci_domain::{EmailAddress, User, UserId, Username};
use kunci_memory::MemoryUserStore;
use kunci_testkit::suites::user_store::PROMISES;

type Answer<T> = Result<T, StoreError>;
type Inner = MemoryUserStore;

/// A store with one flaw. Without a flaw it behaves like the inner store.
struct Flawed {
    inner: Inner,
    insert: fn(&Inner, &User) -> Answer<UserInserted>,
    find_by_name: fn(&Inner, &Username) -> Answer<Option<User>>,
    find_by_address: fn(&Inner, &EmailAddress, u32) -> Answer<Vec<User>>,
    update: fn(&Inner, &User) -> Answer<Updated>,
    delete: fn(&Inner, UserId) -> Answer<bool>,
    list: fn(&Inner, Option<&Username>, u32) -> Answer<Vec<User>>,
}

impl Flawed {
    fn with(flaw: impl FnOnce(&mut Self)) -> Self {
        let mut flawed = Self {
            inner: Inner::default(),
            insert: |inner, user| inner.insert(user),
            find_by_name: |inner, name| inner.find_by_name(name),
            find_by_address: |inner, address, limit| inner.find_by_address(address, limit),
            update: |inner, user| inner.update(user),
            delete: |inner, id| inner.delete(id),
            list: |inner, after, limit| inner.list(after, limit),
        };
        flaw(&mut flawed);
        flawed
    }
}

impl UserStore for Flawed {
    fn insert(&self, user: &User) -> Answer<UserInserted> {
        (self.insert)(&self.inner, user)
    }

    fn find(&self, id: UserId) -> Answer<Option<User>> {
        self.inner.find(id)
    }

    fn find_by_name(&self, name: &Username) -> Answer<Option<User>> {
        (self.find_by_name)(&self.inner, name)
    }

    fn find_by_address(&self, address: &EmailAddress, limit: u32) -> Answer<Vec<User>> {
        (self.find_by_address)(&self.inner, address, limit)
    }

    fn update(&self, user: &User) -> Answer<Updated> {
        (self.update)(&self.inner, user)
    }

    fn delete(&self, id: UserId) -> Answer<bool> {
        (self.delete)(&self.inner, id)
    }

    fn list(&self, after: Option<&Username>, limit: u32) -> Answer<Vec<User>> {
        (self.list)(&self.inner, after, limit)
    }
}

/// Asserts that the promise fails with the flaw and holds without it.
#[track_caller]
fn breaks(promise: &str, flaw: impl Fn(&mut Flawed)) {
    let (_, check) = PROMISES.iter().find(|(name, _)| *name == promise).unwrap();
    check(&Flawed::with(|_| {}));
    let fails = || {
        let flawed = Flawed::with(&flaw);
        catch_unwind(AssertUnwindSafe(|| check(&flawed))).is_err()
    };
    assert!((0..TRIES).any(|_| fails()), "{promise} was not broken");
}

/// A race may go well by chance, so a flaw gets several tries to show.
const TRIES: usize = 50;

/// Writes a user whether or not one exists, which no store should be able to do.
fn overwrite(inner: &Inner, user: &User) {
    inner.delete(user.id).unwrap();
    let _ = inner.insert(user).unwrap();
}

/// Lets other threads run between a check and a write.
fn yield_to_other_threads() {
    (0..20).for_each(|_| thread::yield_now());
}

#[test]
fn case_sensitive_names_are_caught() {
    breaks("find_by_name_ignores_case", |store| {
        store.find_by_name = |inner, name| {
            let found = inner.find_by_name(name)?;
            Ok(found.filter(|user| user.name.as_str() == name.as_str()))
        };
    });
}

#[test]
fn check_then_insert_of_a_name_is_caught() {
    let flaw = |store: &mut Flawed| {
        store.insert = |inner, user| {
            if inner.find_by_name(&user.name)?.is_some() {
                return Ok(UserInserted::NameTaken);
            }
            yield_to_other_threads();
            let _ = inner.insert(user)?;
            Ok(UserInserted::Done)
        };
    };
    breaks("one_of_many_concurrent_inserts_of_a_name_wins", flaw);
}

#[test]
fn overwriting_insert_is_caught() {
    let flaw = |store: &mut Flawed| {
        store.insert = |inner, user| {
            inner.delete(user.id)?;
            inner.insert(user)
        };
    };
    breaks("insert_of_existing_id_collides", flaw);
    breaks("second_insert_of_same_user_is_refused", flaw);
}

#[test]
fn upserting_update_is_caught() {
    let flaw = |store: &mut Flawed| {
        store.update = |inner, user| match inner.update(user)? {
            Updated::Gone => inner.insert(user).map(|_| Updated::Done),
            other => Ok(other),
        };
    };
    breaks("update_of_unknown_user_is_gone", flaw);
    breaks("update_after_delete_is_gone", flaw);
}

#[test]
fn check_then_update_is_caught() {
    let flaw = |store: &mut Flawed| {
        store.update = |inner, user| {
            let Some(stored) = inner.find(user.id)? else {
                return Ok(Updated::Gone);
            };
            if stored.revision != user.revision {
                return Ok(Updated::Stale);
            }
            yield_to_other_threads();
            overwrite(
                inner,
                &User {
                    name: stored.name,
                    created_at: stored.created_at,
                    revision: user.revision.next(),
                    ..user.clone()
                },
            );
            Ok(Updated::Done)
        };
    };
    breaks("concurrent_epoch_changes_are_not_lost", flaw);
    breaks("one_of_many_concurrent_updates_wins", flaw);
    breaks("no_update_revives_a_user_during_delete", flaw);
}

#[test]
fn ignoring_the_revision_is_caught() {
    let flaw = |store: &mut Flawed| {
        store.update = |inner, user| {
            let revision = inner
                .find(user.id)?
                .map_or(user.revision, |stored| stored.revision);
            inner.update(&User {
                revision,
                ..user.clone()
            })
        };
    };
    breaks("update_from_old_revision_is_stale", flaw);
    breaks("update_from_future_revision_is_stale", flaw);
    breaks("one_of_many_concurrent_updates_wins", flaw);
}

#[test]
fn renaming_update_is_caught() {
    breaks("update_replaces_all_but_id_name_and_creation_time", |store| {
        store.update = |inner, user| {
            let answer = inner.update(user)?;
            if answer == Updated::Done {
                overwrite(
                    inner,
                    &User {
                        revision: user.revision.next(),
                        ..user.clone()
                    },
                );
            }
            Ok(answer)
        };
    });
}

#[test]
fn wrong_deletion_is_caught() {
    breaks("delete_can_be_repeated", |store| {
        store.delete = |inner, id| inner.delete(id).map(|_| true);
    });
    breaks("delete_frees_the_name_and_the_id", |store| {
        store.delete = |inner, id| inner.find(id).map(|found| found.is_some());
    });
}

#[test]
fn wrong_listing_is_caught() {
    breaks("users_are_listed_in_folded_name_order", |store| {
        store.list = |inner, after, limit| {
            let mut listed = inner.list(after, limit)?;
            listed.sort_by(|one, other| one.name.as_str().cmp(other.name.as_str()));
            Ok(listed)
        };
    });
    breaks("pages_cover_everything_exactly_once", |store| {
        store.list = |inner, _, limit| inner.list(None, limit);
    });
    breaks("limit_of_zero_lists_nothing", |store| {
        store.list = |inner, after, limit| inner.list(after, limit.max(1));
    });
}

#[test]
fn wrong_address_search_is_caught() {
    breaks("unconfirmed_address_finds_no_user", |store| {
        store.find_by_address = |inner, address, _| {
            let mut users = inner.list(None, u32::MAX)?;
            users.retain(|user| user.email.as_ref() == Some(address));
            Ok(users)
        };
    });
    let by_case = |store: &mut Flawed| {
        store.find_by_address = |inner, address, limit| {
            let mut users = inner.find_by_address(address, limit)?;
            users.retain(|user| user.email.as_ref() == Some(address));
            Ok(users)
        };
    };
    let addresses = "addresses_ignore_only_ascii_case";
    breaks(addresses, by_case);
    breaks("address_search_reflects_every_write", by_case);
    breaks(addresses, |store| {
        store.find_by_address = |inner, address, _| {
            let mut users = inner.list(None, u32::MAX)?;
            let folded = |address: &EmailAddress| address.as_str().to_lowercase();
            users.retain(|user| user.confirmed_address().map(folded) == Some(folded(address)));
            Ok(users)
        };
    });
    let order = "users_sharing_an_address_are_in_name_order";
    breaks(order, |store| {
        store.find_by_address = |inner, address, _| inner.find_by_address(address, u32::MAX);
    });
    breaks(order, |store| {
        store.find_by_address = |inner, address, limit| {
            let mut users = inner.find_by_address(address, limit)?;
            users.reverse();
            Ok(users)
        };
    });
}

#[test]
fn losing_user_fields_is_caught() {
    let flaw = |store: &mut Flawed| {
        store.insert = |inner, user| {
            inner.insert(&User {
                second_factor: None,
                ..user.clone()
            })
        };
    };
    breaks("all_user_fields_are_preserved", flaw);
    breaks("second_factors_are_preserved", flaw);
    breaks("update_replaces_all_but_id_name_and_creation_time", |store| {
        store.update = |inner, user| {
            let kept = inner.find(user.id)?.and_then(|kept| kept.second_factor);
            inner.update(&User {
                second_factor: kept,
                ..user.clone()
            })
        };
    });
    breaks("update_replaces_all_but_id_name_and_creation_time", |store| {
        store.update = |inner, user| {
            let kept = inner.find(user.id)?.and_then(|kept| kept.email_confirmed_at);
            inner.update(&User {
                email_confirmed_at: kept,
                ..user.clone()
            })
        };
    });
}
