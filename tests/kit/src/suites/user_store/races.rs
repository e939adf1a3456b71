//! Many threads at once, through one handle and through two.

use std::thread;

use kunci_domain::ports::{Updated, UserInserted, UserStore};
use kunci_domain::{Standing, User, UserId};

use super::steps::{add, assert_holds, delete, find, find_by_name, insert, update};
use crate::samples::{user, user_id};
use crate::suites::session_store::races::{count_of, together};

const ROUNDS: u64 = 30;
const THREADS: u64 = 8;

/// Of several people who want one name at the same time exactly one gets it.
pub fn one_of_several_inserts_of_one_name_wins(store: &dyn UserStore) {
    insert_together(store, store);
}

/// One winner, whichever handle it came through.
pub fn one_of_several_inserts_through_two_handles_wins(one: &dyn UserStore, other: &dyn UserStore) {
    insert_together(one, other);
}

fn insert_together(one: &dyn UserStore, other: &dyn UserStore) {
    for round in 0..ROUNDS {
        // Every second thread writes the name in another case.
        let name = |number| {
            if number % 2 == 0 {
                format!("name-{round}")
            } else {
                format!("NAME-{round}")
            }
        };
        let candidate = |number: u64| user(round * 100 + number, &name(number / 2));
        let answers = together(THREADS, |number| {
            insert(if number % 2 == 0 { one } else { other }, &candidate(number))
        });
        assert_eq!(count_of(&answers, &UserInserted::Done), 1);
        assert_eq!(count_of(&answers, &UserInserted::NameTaken), answers.len() - 1);
        let winner = (0..)
            .zip(&answers)
            .find(|(_, answer)| **answer == UserInserted::Done);
        let winner = winner.map(|(number, _)| candidate(number)).expect("one is done");
        assert_holds(other, &winner);
        assert_eq!(find_by_name(one, &name(1)), Some(winner));
    }
}

/// Of several updates from one revision exactly one is written.
pub fn one_of_several_updates_from_one_revision_wins(store: &dyn UserStore) {
    for round in 0..ROUNDS {
        let read = user(round, &format!("user-{round}"));
        add(store, &read);
        let answers = together(THREADS, |_| update(store, &read.clone().in_next_epoch()));
        assert_eq!(count_of(&answers, &Updated::Done), 1);
        assert_eq!(count_of(&answers, &Updated::Stale), answers.len() - 1);
        let written = User {
            revision: read.revision.next(),
            ..read.in_next_epoch()
        };
        assert_holds(store, &written);
    }
}

/// Reads, changes and writes until no other writer is in between; `false` when the user is gone.
fn change(store: &dyn UserStore, id: UserId, edit: impl Fn(User) -> User) -> bool {
    loop {
        let Some(read) = find(store, id) else {
            return false;
        };
        // The quicker a store, the rarer somebody comes in between by chance.
        thread::yield_now();
        match update(store, &edit(read)) {
            Updated::Done => return true,
            Updated::Stale => {}
            Updated::Gone => return false,
        }
    }
}

/// N threads that each raise the epoch raise it by N, while others change something else.
pub fn no_change_of_epoch_is_lost(store: &dyn UserStore) {
    add(store, &user(1, "ada"));
    let answers = together(THREADS, |number| {
        let disable = |read| User {
            standing: Standing::Disabled,
            ..read
        };
        (0..5).all(|_| match number {
            0 => change(store, user_id(1), disable),
            _ => change(store, user_id(1), User::in_next_epoch),
        })
    });
    assert!(answers.iter().all(|kept| *kept), "the user is gone");
    let found = find(store, user_id(1)).expect("the user is not there");
    assert_eq!(found.epoch.as_i64(), 35);
    assert_eq!(found.standing, Standing::Disabled);
    assert_eq!(found.revision.as_i64(), 40);
}

/// Who was removed stays removed, whatever was on its way.
pub fn nothing_revives_a_user_that_is_being_deleted(store: &dyn UserStore) {
    for round in 0..ROUNDS {
        let read = user(round, "ada");
        add(store, &read);
        let answers = together(4, |number| match number {
            0 => delete(store, read.id),
            _ => change(store, read.id, User::in_next_epoch),
        });
        assert!(answers[0], "the user was not there to be deleted");
        assert_eq!(find(store, read.id), None);
        assert_eq!(find_by_name(store, "ada"), None);
    }
}

/// Every write of one handle is seen by the other as soon as it has been acknowledged.
pub fn what_one_handle_writes_the_other_sees_at_once(one: &dyn UserStore, other: &dyn UserStore) {
    let mut kept = user(1, "ada");
    add(one, &kept);
    assert_holds(other, &kept);
    assert_eq!(insert(other, &user(2, "ADA")), UserInserted::NameTaken);
    kept = kept.in_next_epoch();
    assert_eq!(update(other, &kept), Updated::Done);
    assert_eq!(update(one, &kept), Updated::Stale);
    kept.revision = kept.revision.next();
    assert_holds(one, &kept);
    assert!(delete(one, kept.id));
    assert_eq!(find(other, kept.id), None);
    assert_eq!(update(other, &kept), Updated::Gone);
}
