//! Promises about replacing users by compare-and-swap.

use kunci_domain::ports::{AccountStore, Committed};
use kunci_domain::{EmailAddress, Epoch, PasswordHash, Revision, Role, Standing, User};

use super::support::{add_user, assert_no_user, assert_user, delete, find_by_name, replace, replaced};
use crate::samples::{second_factor, start_plus, user};

/// Checks that a replacement changes all fields except id, name and creation time, and increments the
/// revision.
pub fn replace_changes_all_but_id_name_and_creation_time(store: &dyn AccountStore) {
    let before = user(1, "Ada");
    add_user(store, &before);
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
    assert_eq!(replace(store, &changed), Committed::Done);
    let written = User {
        name: before.name,
        created_at: before.created_at,
        revision: before.revision.next(),
        ..changed
    };
    assert_user(store, &written);
    assert_eq!(find_by_name(store, "another-name"), None);
    let emptied = User {
        email: None,
        email_confirmed_at: None,
        second_factor: None,
        ..written
    };
    assert_eq!(replace(store, &emptied), Committed::Done);
    assert_user(store, &replaced(&emptied));
}

/// Checks that the second of two replacements from one revision is `Stale` and changes nothing.
pub fn replace_from_old_revision_is_stale(store: &dyn AccountStore) {
    let read = user(1, "ada");
    add_user(store, &read);
    let first = User {
        standing: Standing::Disabled,
        ..read.clone()
    };
    let second = User {
        role: Role::Administrator,
        ..read
    };
    assert_eq!(replace(store, &first), Committed::Done);
    assert_eq!(replace(store, &second), Committed::Stale);
    assert_user(store, &replaced(&first));
}

/// Checks that a replacement from a revision which the store has not reached is `Stale`.
pub fn replace_from_future_revision_is_stale(store: &dyn AccountStore) {
    let kept = user(1, "ada");
    add_user(store, &kept);
    let ahead = User {
        revision: Revision::from_stored(3),
        ..kept.clone()
    };
    assert_eq!(replace(store, &ahead), Committed::Stale);
    assert_user(store, &kept);
}

/// Checks that each replacement adds one to the revision.
pub fn each_replace_increments_the_revision(store: &dyn AccountStore) {
    let mut current = user(1, "ada");
    add_user(store, &current);
    for _ in 0..10 {
        current = current.in_next_epoch();
        assert_eq!(replace(store, &current), Committed::Done);
        current.revision = current.revision.next();
        assert_user(store, &current);
    }
}

/// Checks that a replacement of an unknown user is `Gone` and creates nothing.
pub fn replace_of_unknown_user_is_gone(store: &dyn AccountStore) {
    let unknown = user(1, "ada");
    assert_eq!(replace(store, &unknown), Committed::Gone);
    assert_no_user(store, &unknown);
}

/// Checks that a replacement after `delete` is `Gone` and creates nothing.
pub fn replace_after_delete_is_gone(store: &dyn AccountStore) {
    let removed = user(1, "ada");
    add_user(store, &removed);
    assert_eq!(delete(store, removed.id), Committed::Done);
    assert_eq!(replace(store, &removed), Committed::Gone);
    assert_no_user(store, &removed);
}

/// Checks that a replacement of one user does not change another.
pub fn replace_leaves_other_users_unchanged(store: &dyn AccountStore) {
    let (one, other) = (user(1, "ada"), user(2, "grace"));
    add_user(store, &one);
    add_user(store, &other);
    let changed = User {
        standing: Standing::Disabled,
        ..one
    };
    assert_eq!(replace(store, &changed), Committed::Done);
    assert_user(store, &other);
}
