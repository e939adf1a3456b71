//! Helpers of the promises: port calls that must not fail, and assertions.

use kunci_domain::ports::{Updated, UserInserted, UserStore};
use kunci_domain::{User, UserId, Username};

use crate::samples::address;

/// Inserts a user whose id and name must be free.
#[track_caller]
pub(super) fn add(store: &dyn UserStore, user: &User) {
    assert_eq!(
        insert(store, user),
        UserInserted::Done,
        "insert refused a new user"
    );
}

#[track_caller]
pub(super) fn insert(store: &dyn UserStore, user: &User) -> UserInserted {
    store.insert(user).expect("insert")
}

#[track_caller]
pub(super) fn find(store: &dyn UserStore, id: UserId) -> Option<User> {
    store.find(id).expect("find")
}

#[track_caller]
pub(super) fn find_by_name(store: &dyn UserStore, name: &str) -> Option<User> {
    store.find_by_name(&username(name)).expect("find_by_name")
}

#[track_caller]
pub(super) fn find_by_address(store: &dyn UserStore, text: &str, limit: u32) -> Vec<User> {
    store
        .find_by_address(&address(text), limit)
        .expect("find_by_address")
}

#[track_caller]
pub(super) fn update(store: &dyn UserStore, user: &User) -> Updated {
    store.update(user).expect("update")
}

#[track_caller]
pub(super) fn delete(store: &dyn UserStore, id: UserId) -> bool {
    store.delete(id).expect("delete")
}

#[track_caller]
pub(super) fn list(store: &dyn UserStore, after: Option<&Username>, limit: u32) -> Vec<User> {
    store.list(after, limit).expect("list")
}

#[track_caller]
pub(super) fn username(text: &str) -> Username {
    Username::parse(text).expect("a valid name")
}

/// Asserts that the store returns exactly this user, by id and by name.
#[track_caller]
pub(super) fn assert_holds(store: &dyn UserStore, user: &User) {
    assert_eq!(find(store, user.id).as_ref(), Some(user));
    assert_eq!(
        store.find_by_name(&user.name).expect("find_by_name").as_ref(),
        Some(user)
    );
}
