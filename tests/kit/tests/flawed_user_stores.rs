//! A suite is worth what it catches: each flaw that user stores are known for breaks the promise it should.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use kunci_domain::ports::{StoreError, Updated, UserInserted, UserStore};
use kunci_domain::{EmailAddress, User, UserId, Username};
use kunci_memory::MemoryUserStore;
use kunci_testkit::suites::user_store::PROMISES;

type Answer<T> = Result<T, StoreError>;
type Within = MemoryUserStore;

/// A store with one flaw; without it, it is as good as the one within.
struct Flawed {
    within: Within,
    insert: fn(&Within, &User) -> Answer<UserInserted>,
    find_by_name: fn(&Within, &Username) -> Answer<Option<User>>,
    find_by_address: fn(&Within, &EmailAddress, u32) -> Answer<Vec<User>>,
    update: fn(&Within, &User) -> Answer<Updated>,
    delete: fn(&Within, UserId) -> Answer<bool>,
    list: fn(&Within, Option<&Username>, u32) -> Answer<Vec<User>>,
}

impl Flawed {
    fn but_for(flaw: impl FnOnce(&mut Self)) -> Self {
        let mut flawed = Self {
            within: Within::default(),
            insert: |within, user| within.insert(user),
            find_by_name: |within, name| within.find_by_name(name),
            find_by_address: |within, address, limit| within.find_by_address(address, limit),
            update: |within, user| within.update(user),
            delete: |within, id| within.delete(id),
            list: |within, after, limit| within.list(after, limit),
        };
        flaw(&mut flawed);
        flawed
    }
}

impl UserStore for Flawed {
    fn insert(&self, user: &User) -> Answer<UserInserted> {
        (self.insert)(&self.within, user)
    }

    fn find(&self, id: UserId) -> Answer<Option<User>> {
        self.within.find(id)
    }

    fn find_by_name(&self, name: &Username) -> Answer<Option<User>> {
        (self.find_by_name)(&self.within, name)
    }

    fn find_by_address(&self, address: &EmailAddress, limit: u32) -> Answer<Vec<User>> {
        (self.find_by_address)(&self.within, address, limit)
    }

    fn update(&self, user: &User) -> Answer<Updated> {
        (self.update)(&self.within, user)
    }

    fn delete(&self, id: UserId) -> Answer<bool> {
        (self.delete)(&self.within, id)
    }

    fn list(&self, after: Option<&Username>, limit: u32) -> Answer<Vec<User>> {
        (self.list)(&self.within, after, limit)
    }
}

/// The promise must fail with the flaw, and must hold without it.
#[track_caller]
fn breaks(promise: &str, flaw: impl Fn(&mut Flawed)) {
    let (_, check) = PROMISES.iter().find(|(name, _)| *name == promise).unwrap();
    check(&Flawed::but_for(|_| {}));
    let fails = || {
        let flawed = Flawed::but_for(&flaw);
        catch_unwind(AssertUnwindSafe(|| check(&flawed))).is_err()
    };
    assert!((0..TRIES).any(|_| fails()), "{promise} was not broken");
}

/// On a busy machine one race may go well by chance; that many never do.
const TRIES: usize = 50;

/// Writes a user whatever is there: what no store should be able to do.
fn force(within: &Within, user: &User) {
    within.delete(user.id).unwrap();
    let _ = within.insert(user).unwrap();
}

/// Lets other threads into the gap between looking and writing.
fn dawdle() {
    (0..20).for_each(|_| thread::yield_now());
}

#[test]
fn telling_names_apart_by_case() {
    breaks("a_user_is_found_by_name_whatever_its_case", |store| {
        store.find_by_name = |within, name| {
            let found = within.find_by_name(name)?;
            Ok(found.filter(|user| user.name.as_str() == name.as_str()))
        };
    });
}

#[test]
fn looking_for_a_name_before_inserting_it() {
    let flaw = |store: &mut Flawed| {
        store.insert = |within, user| {
            if within.find_by_name(&user.name)?.is_some() {
                return Ok(UserInserted::NameTaken);
            }
            dawdle();
            let _ = within.insert(user)?;
            Ok(UserInserted::Done)
        };
    };
    breaks("one_of_several_inserts_of_one_name_wins", flaw);
}

#[test]
fn inserting_over_what_is_there() {
    let flaw = |store: &mut Flawed| {
        store.insert = |within, user| {
            within.delete(user.id)?;
            within.insert(user)
        };
    };
    breaks("an_id_is_taken_once", flaw);
    breaks("the_same_user_is_not_added_twice", flaw);
}

#[test]
fn updating_what_is_not_there() {
    let flaw = |store: &mut Flawed| {
        store.update = |within, user| match within.update(user)? {
            Updated::Gone => within.insert(user).map(|_| Updated::Done),
            other => Ok(other),
        };
    };
    breaks("an_update_of_an_unknown_user_is_gone_and_creates_nothing", flaw);
    breaks("an_update_after_delete_is_gone_and_creates_nothing", flaw);
}

#[test]
fn looking_before_updating() {
    let flaw = |store: &mut Flawed| {
        store.update = |within, user| {
            let Some(stored) = within.find(user.id)? else {
                return Ok(Updated::Gone);
            };
            if stored.revision != user.revision {
                return Ok(Updated::Stale);
            }
            dawdle();
            force(
                within,
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
    breaks("no_change_of_epoch_is_lost", flaw);
    breaks("one_of_several_updates_from_one_revision_wins", flaw);
    breaks("nothing_revives_a_user_that_is_being_deleted", flaw);
}

#[test]
fn the_last_update_wins() {
    let flaw = |store: &mut Flawed| {
        store.update = |within, user| {
            let revision = within
                .find(user.id)?
                .map_or(user.revision, |stored| stored.revision);
            within.update(&User {
                revision,
                ..user.clone()
            })
        };
    };
    breaks(
        "an_update_from_an_old_revision_is_stale_and_changes_nothing",
        flaw,
    );
    breaks("an_update_from_a_revision_to_come_is_stale", flaw);
    breaks("one_of_several_updates_from_one_revision_wins", flaw);
}

#[test]
fn an_update_that_renames() {
    breaks("an_update_replaces_all_but_id_name_and_creation", |store| {
        store.update = |within, user| {
            let answer = within.update(user)?;
            if answer == Updated::Done {
                force(
                    within,
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
fn deleting_wrongly() {
    breaks("a_delete_may_be_repeated", |store| {
        store.delete = |within, id| within.delete(id).map(|_| true);
    });
    breaks("a_delete_frees_the_name_and_the_id", |store| {
        store.delete = |within, id| within.find(id).map(|found| found.is_some());
    });
}

#[test]
fn listing_wrongly() {
    breaks("users_are_listed_in_the_order_of_their_folded_names", |store| {
        store.list = |within, after, limit| {
            let mut listed = within.list(after, limit)?;
            listed.sort_by(|one, other| one.name.as_str().cmp(other.name.as_str()));
            Ok(listed)
        };
    });
    breaks("pages_put_together_are_the_whole", |store| {
        store.list = |within, _, limit| within.list(None, limit);
    });
    breaks("a_limit_of_zero_lists_nothing", |store| {
        store.list = |within, after, limit| within.list(after, limit.max(1));
    });
}

#[test]
fn finding_addresses_wrongly() {
    breaks("an_address_that_was_not_confirmed_finds_nobody", |store| {
        store.find_by_address = |within, address, _| {
            let mut users = within.list(None, u32::MAX)?;
            users.retain(|user| user.email.as_ref() == Some(address));
            Ok(users)
        };
    });
    let by_case = |store: &mut Flawed| {
        store.find_by_address = |within, address, limit| {
            let mut users = within.find_by_address(address, limit)?;
            users.retain(|user| user.email.as_ref() == Some(address));
            Ok(users)
        };
    };
    let addresses = "addresses_are_compared_as_they_are_but_for_the_case_of_ascii_letters";
    breaks(addresses, by_case);
    breaks("the_search_follows_every_write", by_case);
    breaks(addresses, |store| {
        store.find_by_address = |within, address, _| {
            let mut users = within.list(None, u32::MAX)?;
            let folded = |address: &EmailAddress| address.as_str().to_lowercase();
            users.retain(|user| user.confirmed_address().map(folded) == Some(folded(address)));
            Ok(users)
        };
    });
    let order = "users_of_one_address_are_found_in_the_order_of_their_names";
    breaks(order, |store| {
        store.find_by_address = |within, address, _| within.find_by_address(address, u32::MAX);
    });
    breaks(order, |store| {
        store.find_by_address = |within, address, limit| {
            let mut users = within.find_by_address(address, limit)?;
            users.reverse();
            Ok(users)
        };
    });
}

#[test]
fn losing_second_factors() {
    let flaw = |store: &mut Flawed| {
        store.insert = |within, user| {
            within.insert(&User {
                second_factor: None,
                ..user.clone()
            })
        };
    };
    breaks("a_user_comes_back_as_it_went_in", flaw);
    breaks("any_second_factor_comes_back", flaw);
    breaks("an_update_replaces_all_but_id_name_and_creation", |store| {
        store.update = |within, user| {
            let kept = within.find(user.id)?.and_then(|kept| kept.second_factor);
            within.update(&User {
                second_factor: kept,
                ..user.clone()
            })
        };
    });
    breaks("an_update_replaces_all_but_id_name_and_creation", |store| {
        store.update = |within, user| {
            let kept = within.find(user.id)?.and_then(|kept| kept.email_confirmed_at);
            within.update(&User {
                email_confirmed_at: kept,
                ..user.clone()
            })
        };
    });
}
