//! Helpers of the promises: port calls that must not fail, assertions, and the expiry of the samples.
//!
//! If the store returns an error, the promise fails at the line of the call.

use kunci_domain::ports::{AccountStore, Committed};
use kunci_domain::{
    AccountChange, BudgetKind, BudgetOwner, Event, LinkKey, OneTimeToken, Purpose, Step, Timestamp,
    UsedBudget, User, UserId, Username,
};

use crate::samples::{TOKEN_LIFETIME, address, start, user_id};

/// Returns the expiry of all sample links.
pub(super) fn end() -> Timestamp {
    start().after(TOKEN_LIFETIME)
}

/// Returns the time `millis` milliseconds after the expiry of all sample links.
pub(super) fn end_plus(millis: i64) -> Timestamp {
    Timestamp::from_unix_millis(end().unix_millis() + millis)
}

/// Returns a time before all events, for purges of links alone.
pub(super) const fn before_all() -> Timestamp {
    Timestamp::from_unix_millis(i64::MIN)
}

/// Returns a change with these steps.
pub(super) fn change(steps: impl IntoIterator<Item = Step>) -> AccountChange {
    steps.into_iter().fold(AccountChange::new(), AccountChange::and)
}

/// Commits at the start time.
#[track_caller]
pub(super) fn commit(store: &dyn AccountStore, steps: impl IntoIterator<Item = Step>) -> Committed {
    commit_at(store, steps, start())
}

#[track_caller]
pub(super) fn commit_at(
    store: &dyn AccountStore,
    steps: impl IntoIterator<Item = Step>,
    now: Timestamp,
) -> Committed {
    store.commit(&change(steps), now).expect("commit")
}

/// Commits a change that the store must accept.
#[track_caller]
pub(super) fn done(store: &dyn AccountStore, steps: impl IntoIterator<Item = Step>) {
    assert_eq!(commit(store, steps), Committed::Done, "commit refused the change");
}

#[track_caller]
pub(super) fn add_user(store: &dyn AccountStore, user: &User) {
    done(store, [Step::InsertUser(user.clone())]);
}

#[track_caller]
pub(super) fn insert(store: &dyn AccountStore, user: &User) -> Committed {
    commit(store, [Step::InsertUser(user.clone())])
}

#[track_caller]
pub(super) fn replace(store: &dyn AccountStore, user: &User) -> Committed {
    commit(store, [Step::ReplaceUser(user.clone())])
}

#[track_caller]
pub(super) fn delete(store: &dyn AccountStore, id: UserId) -> Committed {
    commit(store, [Step::DeleteUser(id)])
}

#[track_caller]
pub(super) fn add_link(store: &dyn AccountStore, link: &OneTimeToken) {
    done(store, [Step::IssueLink(link.clone())]);
}

#[track_caller]
pub(super) fn issue(store: &dyn AccountStore, link: &OneTimeToken) -> Committed {
    commit(store, [Step::IssueLink(link.clone())])
}

/// Spends a link for its own purpose, at the start time.
#[track_caller]
pub(super) fn spend(store: &dyn AccountStore, link: &OneTimeToken) -> Committed {
    commit(store, [Step::SpendLink(link.key, link.purpose)])
}

/// Revokes a link at the start time.
#[track_caller]
pub(super) fn revoke(store: &dyn AccountStore, link: &OneTimeToken) -> Committed {
    commit(store, [Step::RevokeLink(link.key)])
}

#[track_caller]
pub(super) fn append(store: &dyn AccountStore, event: &Event) {
    done(store, [Step::AppendEvent(event.clone())]);
}

#[track_caller]
pub(super) fn find(store: &dyn AccountStore, id: UserId) -> Option<User> {
    store.find(id).expect("find")
}

#[track_caller]
pub(super) fn find_by_name(store: &dyn AccountStore, name: &str) -> Option<User> {
    store.find_by_name(&username(name)).expect("find_by_name")
}

#[track_caller]
pub(super) fn find_by_address(store: &dyn AccountStore, text: &str, limit: u32) -> Vec<User> {
    let found = store.find_by_address(&address(text), limit);
    found.expect("find_by_address")
}

#[track_caller]
pub(super) fn list(store: &dyn AccountStore, after: Option<&Username>, limit: u32) -> Vec<User> {
    store.list(after, limit).expect("list")
}

#[track_caller]
pub(super) fn find_link(store: &dyn AccountStore, key: &LinkKey, now: Timestamp) -> Option<OneTimeToken> {
    store.find_link(key, now).expect("find_link")
}

/// Lists links at the start time.
#[track_caller]
pub(super) fn list_links(
    store: &dyn AccountStore,
    purpose: Purpose,
    after: Option<&LinkKey>,
    limit: u32,
) -> Vec<OneTimeToken> {
    let listed = store.list_links(purpose, after, limit, start());
    listed.expect("list_links")
}

/// Returns events of a user, the latest first.
#[track_caller]
pub(super) fn events(store: &dyn AccountStore, user: UserId, skip: u32, limit: u32) -> Vec<Event> {
    store.events(user, skip, limit).expect("events")
}

#[track_caller]
pub(super) fn purge(store: &dyn AccountStore, now: Timestamp, events_before: Timestamp, limit: u32) -> u64 {
    store.purge(now, events_before, limit).expect("purge")
}

/// Purges links alone.
#[track_caller]
pub(super) fn purge_links(store: &dyn AccountStore, now: Timestamp, limit: u32) -> u64 {
    purge(store, now, before_all(), limit)
}

/// Purges events alone.
#[track_caller]
pub(super) fn purge_events(store: &dyn AccountStore, before: Timestamp, limit: u32) -> u64 {
    purge(store, before_all(), before, limit)
}

#[track_caller]
pub(super) fn username(text: &str) -> Username {
    Username::parse(text).expect("a valid name")
}

/// Returns the user as it is after it was replaced.
pub(super) fn replaced(user: &User) -> User {
    User {
        revision: user.revision.next(),
        ..user.clone()
    }
}

/// Asserts that the store returns exactly this user, by id and by name.
#[track_caller]
pub(super) fn assert_user(store: &dyn AccountStore, user: &User) {
    assert_eq!(find(store, user.id).as_ref(), Some(user));
    let by_name = store.find_by_name(&user.name).expect("find_by_name");
    assert_eq!(by_name.as_ref(), Some(user));
}

/// Asserts that the store finds no user with this id or name.
#[track_caller]
pub(super) fn assert_no_user(store: &dyn AccountStore, user: &User) {
    assert_eq!(find(store, user.id), None);
    let by_name = store.find_by_name(&user.name).expect("find_by_name");
    assert_eq!(by_name, None);
}

/// Asserts that the store returns exactly this link.
#[track_caller]
pub(super) fn assert_link(store: &dyn AccountStore, link: &OneTimeToken) {
    assert_eq!(find_link(store, &link.key, start()).as_ref(), Some(link));
}

/// Asserts that no method finds a live link under the key.
#[track_caller]
pub(super) fn assert_no_link(store: &dyn AccountStore, link: &OneTimeToken) {
    assert_eq!(
        find_link(store, &link.key, start()),
        None,
        "this link must not be live"
    );
    assert_eq!(spend(store, link), Committed::LinkSpent);
    assert_eq!(revoke(store, link), Committed::LinkSpent);
    let listed = list_links(store, link.purpose, None, u32::MAX);
    assert!(listed.iter().all(|listed| listed.key != link.key));
}

/// Asserts that the store has exactly these events of a user, the earliest first.
#[track_caller]
pub(super) fn assert_events(store: &dyn AccountStore, user: UserId, want: &[Event]) {
    let mut found = events(store, user, 0, u32::MAX);
    found.reverse();
    assert_eq!(found, want);
}

/// Everything that a store shows: all users, live links, and the events and budgets of the sample users 0 to 9.
#[derive(Debug, PartialEq)]
pub(super) struct Snapshot {
    users: Vec<User>,
    links: Vec<OneTimeToken>,
    events: Vec<Event>,
    budgets: Vec<Option<UsedBudget>>,
}

/// Reads everything that a store shows at the start time.
#[track_caller]
pub(super) fn snapshot(store: &dyn AccountStore) -> Snapshot {
    let links = Purpose::ALL.map(|purpose| list_links(store, purpose, None, u32::MAX));
    let of_user = |number| events(store, user_id(number), 0, u32::MAX);
    Snapshot {
        users: list(store, None, u32::MAX),
        links: links.into_iter().flatten().collect(),
        events: (0..10).flat_map(of_user).collect(),
        budgets: (0..10).flat_map(|number| budgets_of(store, number)).collect(),
    }
}

#[track_caller]
fn budgets_of(store: &dyn AccountStore, number: u64) -> [Option<UsedBudget>; BudgetKind::ALL.len()] {
    let owner = BudgetOwner::Account(user_id(number));
    BudgetKind::ALL.map(|kind| store.find_budget(&owner, kind).expect("find_budget"))
}
