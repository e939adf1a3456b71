//! Promises about updating users by compare-and-swap, and about deleting them.

use kunci_domain::ports::{Updated, UserStore};
use kunci_domain::{EmailAddress, Epoch, PasswordHash, Revision, Role, Standing, User};

use super::support::{add, assert_holds, delete, find, find_by_name, update};
use crate::samples::{second_factor, start_plus, user, user_id};

/// Checks that an update replaces all fields except id, name and creation time, and increments the
/// revision.
pub fn update_replaces_all_but_id_name_and_creation_time(store: &dyn UserStore) {
    let before = user(1, "Ada");
    add(store, &before);
    let changed = User {
        name: user(1, "Another-name").name,
        email: EmailAddress::parse("ada@example.org").ok(),
        email_confirmed_at: Some(start_plus(98)),
        password_hash: PasswordHash::from_stored("$fast$v=1$other$hash".to_owned()),
        second_factor: Some(second_factor(1)),
        role: Role::Administrator,
        standing: Standing::Disabled,
        epoch: Epoch::from_stored(5),
        created_at: start_plus(99),
        password_changed_at: start_plus(100),
        ..before.clone()
    };
    assert_eq!(update(store, &changed), Updated::Done);
    let written = User {
        name: before.name,
        created_at: before.created_at,
        revision: before.revision.next(),
        ..changed
    };
    assert_holds(store, &written);
    assert_eq!(find_by_name(store, "another-name"), None);
    let emptied = User {
        email: None,
        email_confirmed_at: None,
        second_factor: None,
        ..written
    };
    assert_eq!(update(store, &emptied), Updated::Done);
    let emptied = User {
        revision: emptied.revision.next(),
        ..emptied
    };
    assert_holds(store, &emptied);
}

/// Checks that the second of two updates from one revision is `Stale` and changes nothing.
pub fn update_from_old_revision_is_stale(store: &dyn UserStore) {
    let read = user(1, "ada");
    add(store, &read);
    let first = User {
        standing: Standing::Disabled,
        ..read.clone()
    };
    let second = User {
        role: Role::Administrator,
        ..read
    };
    assert_eq!(update(store, &first), Updated::Done);
    assert_eq!(update(store, &second), Updated::Stale);
    let written = User {
        revision: first.revision.next(),
        ..first
    };
    assert_holds(store, &written);
}

/// Checks that an update from a revision which the store has not reached is `Stale`.
pub fn update_from_future_revision_is_stale(store: &dyn UserStore) {
    let kept = user(1, "ada");
    add(store, &kept);
    let ahead = User {
        revision: Revision::from_stored(3),
        ..kept.clone()
    };
    assert_eq!(update(store, &ahead), Updated::Stale);
    assert_holds(store, &kept);
}

/// Checks that each update adds one to the revision.
pub fn each_update_increments_the_revision(store: &dyn UserStore) {
    let mut current = user(1, "ada");
    add(store, &current);
    for _ in 0..10 {
        current = current.in_next_epoch();
        assert_eq!(update(store, &current), Updated::Done);
        current.revision = current.revision.next();
        assert_holds(store, &current);
    }
}

/// Checks that an update of an unknown user is `Gone` and creates nothing.
pub fn update_of_unknown_user_is_gone(store: &dyn UserStore) {
    let unknown = user(1, "ada");
    assert_eq!(update(store, &unknown), Updated::Gone);
    assert_eq!(find(store, unknown.id), None);
    assert_eq!(find_by_name(store, "ada"), None);
}

/// Checks that an update after `delete` is `Gone` and creates nothing.
pub fn update_after_delete_is_gone(store: &dyn UserStore) {
    let removed = user(1, "ada");
    add(store, &removed);
    assert!(delete(store, removed.id));
    assert_eq!(update(store, &removed), Updated::Gone);
    assert_eq!(find(store, removed.id), None);
    assert_eq!(find_by_name(store, "ada"), None);
}

/// Checks that an update of one user does not change another.
pub fn update_leaves_other_users_unchanged(store: &dyn UserStore) {
    let (one, other) = (user(1, "ada"), user(2, "grace"));
    add(store, &one);
    add(store, &other);
    let changed = User {
        standing: Standing::Disabled,
        ..one
    };
    assert_eq!(update(store, &changed), Updated::Done);
    assert_holds(store, &other);
}

/// Checks that `delete` removes the given user and no other.
pub fn delete_removes_only_that_user(store: &dyn UserStore) {
    let (one, other) = (user(1, "ada"), user(2, "grace"));
    add(store, &one);
    add(store, &other);
    assert!(delete(store, one.id));
    assert_eq!(find(store, one.id), None);
    assert_eq!(find_by_name(store, "ada"), None);
    assert_holds(store, &other);
}

/// Checks that `delete` returns `false` when it is repeated or the user is unknown.
pub fn delete_can_be_repeated(store: &dyn UserStore) {
    add(store, &user(1, "ada"));
    assert!(delete(store, user_id(1)));
    assert!(!delete(store, user_id(1)));
    assert!(!delete(store, user_id(2)));
}

/// Checks that other users can take the name, in any case, and the id of a deleted user.
pub fn delete_frees_the_name_and_the_id(store: &dyn UserStore) {
    add(store, &user(1, "Ärger"));
    assert!(delete(store, user_id(1)));
    let (successor, other) = (user(2, "äRGER"), user(1, "grace"));
    add(store, &successor);
    add(store, &other);
    assert_holds(store, &successor);
    assert_holds(store, &other);
}
