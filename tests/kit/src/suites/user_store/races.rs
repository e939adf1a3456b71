//! Promises about concurrent calls, through one handle and through two.

use std::thread;

use kunci_domain::ports::{Updated, UserInserted, UserStore};
use kunci_domain::{Standing, User, UserId};

use super::support::{add, assert_holds, delete, find, find_by_name, insert, update};
use crate::samples::{user, user_id};
use crate::suites::session_store::races::{count_of, run_concurrently};

const ROUNDS: u64 = 30;
const THREADS: u64 = 8;

/// Checks that exactly one of several concurrent inserts of a name is `Done`.
pub fn one_of_many_concurrent_inserts_of_a_name_wins(store: &dyn UserStore) {
    insert_concurrently(store, store);
}

/// Checks that exactly one of several inserts of a name through two handles is `Done`.
pub fn one_of_many_inserts_through_two_handles_wins(one: &dyn UserStore, other: &dyn UserStore) {
    insert_concurrently(one, other);
}

fn insert_concurrently(one: &dyn UserStore, other: &dyn UserStore) {
    for round in 0..ROUNDS {
        // Half of the threads write the name in upper case.
        let name = |number| {
            if number % 2 == 0 {
                format!("name-{round}")
            } else {
                format!("NAME-{round}")
            }
        };
        let candidate = |number: u64| user(round * 100 + number, &name(number / 2));
        let answers = run_concurrently(THREADS, |number| {
            insert(if number % 2 == 0 { one } else { other }, &candidate(number))
        });
        assert_eq!(count_of(&answers, &UserInserted::Done), 1);
        assert_eq!(count_of(&answers, &UserInserted::NameTaken), answers.len() - 1);
        let winner = (0..)
            .zip(&answers)
            .find(|(_, answer)| **answer == UserInserted::Done);
        let winner = winner
            .map(|(number, _)| candidate(number))
            .expect("one insert succeeds");
        assert_holds(other, &winner);
        assert_eq!(find_by_name(one, &name(1)), Some(winner));
    }
}

/// Checks that exactly one of several concurrent updates from one revision is `Done`.
pub fn one_of_many_concurrent_updates_wins(store: &dyn UserStore) {
    for round in 0..ROUNDS {
        let read = user(round, &format!("user-{round}"));
        add(store, &read);
        let answers = run_concurrently(THREADS, |_| update(store, &read.clone().in_next_epoch()));
        assert_eq!(count_of(&answers, &Updated::Done), 1);
        assert_eq!(count_of(&answers, &Updated::Stale), answers.len() - 1);
        let written = User {
            revision: read.revision.next(),
            ..read.in_next_epoch()
        };
        assert_holds(store, &written);
    }
}

/// Reads, edits and writes a user until no other writer interferes. Returns `false` if the user is
/// gone.
fn change(store: &dyn UserStore, id: UserId, edit: impl Fn(User) -> User) -> bool {
    loop {
        let Some(read) = find(store, id) else {
            return false;
        };
        // Other writers rarely interfere with a fast store by chance, so this gives them time.
        thread::yield_now();
        match update(store, &edit(read)) {
            Updated::Done => return true,
            Updated::Stale => {}
            Updated::Gone => return false,
        }
    }
}

/// Checks that concurrent changes of the epoch add up while another thread changes another field.
pub fn concurrent_epoch_changes_are_not_lost(store: &dyn UserStore) {
    add(store, &user(1, "ada"));
    let answers = run_concurrently(THREADS, |number| {
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
    let found = find(store, user_id(1)).expect("the user is missing");
    assert_eq!(found.epoch.as_i64(), 35);
    assert_eq!(found.standing, Standing::Disabled);
    assert_eq!(found.revision.as_i64(), 40);
}

/// Checks that a concurrent update does not bring a deleted user back.
pub fn no_update_revives_a_user_during_delete(store: &dyn UserStore) {
    for round in 0..ROUNDS {
        let read = user(round, "ada");
        add(store, &read);
        let answers = run_concurrently(4, |number| match number {
            0 => delete(store, read.id),
            _ => change(store, read.id, User::in_next_epoch),
        });
        assert!(answers[0], "delete did not find the user");
        assert_eq!(find(store, read.id), None);
        assert_eq!(find_by_name(store, "ada"), None);
    }
}

/// Checks that the other handle sees each acknowledged write at once.
pub fn writes_are_visible_to_the_other_handle(one: &dyn UserStore, other: &dyn UserStore) {
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
