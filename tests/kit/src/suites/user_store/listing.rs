//! Listing users: in which order, and page by page.

use kunci_domain::User;
use kunci_domain::ports::{Updated, UserStore};

use super::steps::{add, delete, list, update, username};
use crate::samples::{user, user_id};

/// Names in the order of their folded forms, byte by byte: case counts for nothing, scripts come one after another.
const IN_ORDER: [&str; 9] = ["+plus", "10", "9", "Ada", "bob", "Grace", "_low", "Zoë", "ärger"];

fn add_all(store: &dyn UserStore) -> Vec<User> {
    let mut users: Vec<User> = (1..)
        .zip(IN_ORDER)
        .map(|(number, name)| user(number, name))
        .collect();
    users.iter().rev().for_each(|user| add(store, user));
    users.sort_by(|one, other| one.name.folded().cmp(other.name.folded()));
    users
}

fn names(users: &[User]) -> Vec<&str> {
    users.iter().map(|user| user.name.as_str()).collect()
}

/// An empty store lists nobody.
pub fn an_empty_store_lists_nothing(store: &dyn UserStore) {
    assert_eq!(list(store, None, 10), []);
    assert_eq!(list(store, Some(&username("ada")), 10), []);
}

/// All users, whole, in the order of their folded names.
pub fn users_are_listed_in_the_order_of_their_folded_names(store: &dyn UserStore) {
    let want = add_all(store);
    assert_eq!(list(store, None, 100), want);
    assert_eq!(list(store, None, u32::MAX).len(), IN_ORDER.len());
}

/// Pages of any size put together are the whole, with nobody twice.
pub fn pages_put_together_are_the_whole(store: &dyn UserStore) {
    let whole = add_all(store);
    for limit in [1, 2, 4, 9, 10] {
        let mut seen: Vec<User> = Vec::new();
        // More rounds than there can be pages: a store that repeats itself ends here too.
        for _ in 0..12 {
            let page = list(store, seen.last().map(|user| &user.name), limit);
            assert!(page.len() <= limit as usize);
            seen.extend(page);
        }
        assert_eq!(names(&seen), names(&whole), "pages of {limit}");
    }
}

/// A page may begin after a name that is not there, in any case of writing.
pub fn a_page_may_begin_after_a_name_that_nobody_has(store: &dyn UserStore) {
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

/// A page of nobody is empty.
pub fn a_limit_of_zero_lists_nothing(store: &dyn UserStore) {
    add_all(store);
    assert_eq!(list(store, None, 0), []);
}

/// Who was changed is listed as changed, who was removed not at all.
pub fn the_list_follows_every_write(store: &dyn UserStore) {
    let changed = user(1, "ada").in_next_epoch();
    add(store, &user(1, "ada"));
    add(store, &user(2, "grace"));
    assert_eq!(update(store, &changed), Updated::Done);
    assert!(delete(store, user_id(2)));
    let written = User {
        revision: changed.revision.next(),
        ..changed
    };
    assert_eq!(list(store, None, 10), [written]);
}
