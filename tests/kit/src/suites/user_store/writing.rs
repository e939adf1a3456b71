//! Changing and removing users: compare-and-swap, and names that become free.

use kunci_domain::ports::{Updated, UserStore};
use kunci_domain::{EmailAddress, Epoch, PasswordHash, Revision, Role, Standing, User};

use super::steps::{add, assert_holds, delete, find, find_by_name, update};
use crate::samples::{second_factor, start_plus, user, user_id};

/// Everything is replaced but id, name and time of creation, under the next revision.
pub fn an_update_replaces_all_but_id_name_and_creation(store: &dyn UserStore) {
    let before = user(1, "Ada");
    add(store, &before);
    let changed = User {
        name: user(1, "Somebody-else").name,
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
    assert_eq!(find_by_name(store, "somebody-else"), None);
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

/// Of two writers that read the same revision the second is told.
pub fn an_update_from_an_old_revision_is_stale_and_changes_nothing(store: &dyn UserStore) {
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

/// A revision that the store has not reached is no better than an old one.
pub fn an_update_from_a_revision_to_come_is_stale(store: &dyn UserStore) {
    let kept = user(1, "ada");
    add(store, &kept);
    let ahead = User {
        revision: Revision::from_stored(3),
        ..kept.clone()
    };
    assert_eq!(update(store, &ahead), Updated::Stale);
    assert_holds(store, &kept);
}

/// Each update counts.
pub fn updates_in_a_row_count_revisions(store: &dyn UserStore) {
    let mut current = user(1, "ada");
    add(store, &current);
    for _ in 0..10 {
        current = current.in_next_epoch();
        assert_eq!(update(store, &current), Updated::Done);
        current.revision = current.revision.next();
        assert_holds(store, &current);
    }
}

/// No upsert.
pub fn an_update_of_an_unknown_user_is_gone_and_creates_nothing(store: &dyn UserStore) {
    let unknown = user(1, "ada");
    assert_eq!(update(store, &unknown), Updated::Gone);
    assert_eq!(find(store, unknown.id), None);
    assert_eq!(find_by_name(store, "ada"), None);
}

/// No upsert of a user that was removed either.
pub fn an_update_after_delete_is_gone_and_creates_nothing(store: &dyn UserStore) {
    let removed = user(1, "ada");
    add(store, &removed);
    assert!(delete(store, removed.id));
    assert_eq!(update(store, &removed), Updated::Gone);
    assert_eq!(find(store, removed.id), None);
    assert_eq!(find_by_name(store, "ada"), None);
}

/// Other users are none of its business.
pub fn an_update_leaves_other_users_alone(store: &dyn UserStore) {
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

/// Deleting removes the one user and no other.
pub fn a_delete_removes_the_user_and_no_other(store: &dyn UserStore) {
    let (one, other) = (user(1, "ada"), user(2, "grace"));
    add(store, &one);
    add(store, &other);
    assert!(delete(store, one.id));
    assert_eq!(find(store, one.id), None);
    assert_eq!(find_by_name(store, "ada"), None);
    assert_holds(store, &other);
}

/// It may be repeated, and asked of nobody.
pub fn a_delete_may_be_repeated(store: &dyn UserStore) {
    add(store, &user(1, "ada"));
    assert!(delete(store, user_id(1)));
    assert!(!delete(store, user_id(1)));
    assert!(!delete(store, user_id(2)));
}

/// Somebody else may take the name afterwards, and the id too.
pub fn a_delete_frees_the_name_and_the_id(store: &dyn UserStore) {
    add(store, &user(1, "Ärger"));
    assert!(delete(store, user_id(1)));
    let (heir, other) = (user(2, "äRGER"), user(1, "grace"));
    add(store, &heir);
    add(store, &other);
    assert_holds(store, &heir);
    assert_holds(store, &other);
}
