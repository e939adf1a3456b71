//! Promises about listing users: order and pages.

use kunci_domain::User;
use kunci_domain::ports::{AccountStore, Committed};

use super::support::{add_user, delete, list, replace, username};
use crate::samples::{user, user_id};

/// Names in the byte order of their folded forms, which ignores case.
const IN_ORDER: [&str; 9] = ["+plus", "10", "9", "Ada", "bob", "Grace", "_low", "Zoë", "ärger"];

fn add_all(store: &dyn AccountStore) -> Vec<User> {
    let mut users: Vec<User> = (1..)
        .zip(IN_ORDER)
        .map(|(number, name)| user(number, name))
        .collect();
    users.iter().rev().for_each(|user| add_user(store, user));
    users.sort_by(|one, other| one.name.folded().cmp(other.name.folded()));
    users
}

fn names(users: &[User]) -> Vec<&str> {
    users.iter().map(|user| user.name.as_str()).collect()
}

/// Checks that an empty store lists nothing.
pub fn empty_store_lists_no_users(store: &dyn AccountStore) {
    assert_eq!(list(store, None, 10), []);
    assert_eq!(list(store, Some(&username("ada")), 10), []);
}

/// Checks that all users are listed with every field, in the order of their folded names.
pub fn users_are_listed_in_folded_name_order(store: &dyn AccountStore) {
    let want = add_all(store);
    assert_eq!(list(store, None, 100), want);
    assert_eq!(list(store, None, u32::MAX).len(), IN_ORDER.len());
}

/// Checks that consecutive pages of any size contain each user exactly once.
pub fn pages_contain_each_user_once(store: &dyn AccountStore) {
    let all = add_all(store);
    for limit in [1, 2, 4, 9, 10] {
        let mut listed: Vec<User> = Vec::new();
        // More rounds than pages, but not endless: a store may return the same page again and again.
        for _ in 0..12 {
            let page = list(store, listed.last().map(|user| &user.name), limit);
            assert!(page.len() <= limit as usize);
            listed.extend(page);
        }
        assert_eq!(names(&listed), names(&all), "pages of {limit}");
    }
}

/// Checks that a page can start after a name that does not exist, in any case.
pub fn page_can_start_after_a_missing_name(store: &dyn AccountStore) {
    let all = add_all(store);
    let after = |name: &str| {
        all.iter()
            .filter(|user| username(name).folded() < user.name.folded())
            .count()
    };
    for name in ["ADA", "adb", "GRACE", "0", "zz", "ÄRGER", "日本"] {
        assert_eq!(
            list(store, Some(&username(name)), 100).len(),
            after(name),
            "after {name}"
        );
    }
}

/// Checks that a limit of zero returns an empty page.
pub fn limit_of_zero_lists_no_users(store: &dyn AccountStore) {
    add_all(store);
    assert_eq!(list(store, None, 0), []);
}

/// Checks that a list shows changed users as changed and deleted users not at all.
pub fn user_list_reflects_every_write(store: &dyn AccountStore) {
    let changed = user(1, "ada").in_next_epoch();
    add_user(store, &user(1, "ada"));
    add_user(store, &user(2, "grace"));
    assert_eq!(replace(store, &changed), Committed::Done);
    assert_eq!(delete(store, user_id(2)), Committed::Done);
    let written = User {
        revision: changed.revision.next(),
        ..changed
    };
    assert_eq!(list(store, None, 10), [written]);
}
