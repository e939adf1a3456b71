//! Promises about samples of password hashes.

use kunci_domain::ports::{AccountStore, Committed};
use kunci_domain::{PasswordHash, User, UserId};

use super::support::{add_user, delete, replace};
use crate::samples::{user, user_id};

/// Samples the hashes of some users, in the order of their ids.
#[track_caller]
fn sample(store: &dyn AccountStore, from: i64, limit: u32) -> Vec<(UserId, PasswordHash)> {
    let sampled = store.sample_hashes(UserId::from_stored(from), limit);
    let mut sampled = sampled.expect("sample_hashes");
    sampled.sort_by_key(|(id, _)| *id);
    sampled
}

/// Adds five users with different hashes and returns them in the order of their ids.
fn add_five(store: &dyn AccountStore) -> Vec<User> {
    let numbered = |number| User {
        password_hash: PasswordHash::from_stored(format!("$hash${number}")),
        ..user(number, &format!("user{number}"))
    };
    let mut users: Vec<User> = (1..=5).map(numbered).collect();
    users.iter().for_each(|user| add_user(store, user));
    users.sort_by_key(|user| user.id);
    users
}

fn hashes(users: &[&User]) -> Vec<(UserId, PasswordHash)> {
    let hash = |user: &&User| (user.id, user.password_hash.clone());
    users.iter().map(hash).collect()
}

/// Checks that a sample has the users with the next ids, and after the highest id those with the lowest.
pub fn sample_starts_at_an_id_and_wraps_around(store: &dyn AccountStore) {
    let users = add_five(store);
    let [a, b, c, d, e] = &users[..] else {
        unreachable!("five users were added")
    };
    let of = |user: &User| user.id.as_i64();
    for (from, want) in [
        (0, [a, b]),
        (of(a), [a, b]),
        (of(a) + 1, [b, c]),
        (of(d), [d, e]),
        (of(e), [a, e]),
        (of(e) + 1, [a, b]),
        (i64::MAX, [a, b]),
    ] {
        assert_eq!(sample(store, from, 2), hashes(&want), "from {from}");
    }
}

/// Checks that a sample has at most as many users as the limit says, and each of them once.
pub fn sample_respects_its_limit(store: &dyn AccountStore) {
    assert_eq!(sample(store, 0, 16), []);
    let users = add_five(store);
    let all = hashes(&users.iter().collect::<Vec<_>>());
    for (limit, want) in [(0, 0), (1, 1), (4, 4), (5, 5), (6, 5), (u32::MAX, 5)] {
        assert_eq!(sample(store, users[3].id.as_i64(), limit).len(), want, "{limit}");
    }
    assert_eq!(sample(store, users[3].id.as_i64(), 16), all);
}

/// Checks that a sample shows changed hashes as changed and deleted users not at all.
pub fn sample_reflects_every_write(store: &dyn AccountStore) {
    add_user(store, &user(1, "ada"));
    add_user(store, &user(2, "grace"));
    let changed = User {
        password_hash: PasswordHash::from_stored("$hash$new".to_owned()),
        ..user(1, "ada")
    };
    assert_eq!(replace(store, &changed), Committed::Done);
    assert_eq!(delete(store, user_id(2)), Committed::Done);
    assert_eq!(sample(store, 0, 16), hashes(&[&changed]));
}
