//! Promises about deleting users, with their links and events.

use kunci_domain::ports::{AccountStore, Committed};
use kunci_domain::{Actor, Event, EventKind, OneTimeToken, Purpose, Step, Timestamp, UserId};

use super::support::{
    add_link, add_user, append, assert_events, assert_link, assert_no_link, assert_no_user, assert_user,
    delete, done, end, purge, snapshot, spend,
};
use crate::samples::{event, invitation, start, token_for, user, user_id};

/// Checks that a deletion removes the given user and no other.
pub fn delete_removes_only_that_user(store: &dyn AccountStore) {
    let (one, other) = (user(1, "ada"), user(2, "grace"));
    add_user(store, &one);
    add_user(store, &other);
    assert_eq!(delete(store, one.id), Committed::Done);
    assert_no_user(store, &one);
    assert_user(store, &other);
}

/// Checks that the deletion of an unknown or deleted user is `Gone` and changes nothing.
pub fn delete_of_unknown_user_is_gone(store: &dyn AccountStore) {
    add_user(store, &user(1, "ada"));
    let of_unknown = event(user_id(2), 0, EventKind::SignedIn);
    append(store, &of_unknown);
    add_link(store, &token_for(1, user_id(2), Purpose::SignIn));
    let before = snapshot(store);
    assert_eq!(delete(store, user_id(2)), Committed::Gone);
    assert_eq!(snapshot(store), before);
    assert_eq!(delete(store, user_id(1)), Committed::Done);
    assert_eq!(delete(store, user_id(1)), Committed::Gone);
}

/// Checks that other users can take the name, in any case, and the id of a deleted user.
pub fn delete_frees_the_name_and_the_id(store: &dyn AccountStore) {
    add_user(store, &user(1, "Ärger"));
    assert_eq!(delete(store, user_id(1)), Committed::Done);
    let (successor, other) = (user(2, "äRGER"), user(1, "grace"));
    add_user(store, &successor);
    add_user(store, &other);
    assert_user(store, &successor);
    assert_user(store, &other);
}

fn links_of(user: UserId, first: u64) -> Vec<OneTimeToken> {
    (first..)
        .zip(Purpose::ALL)
        .map(|(number, purpose)| token_for(number, user, purpose))
        .collect()
}

/// Checks that a deletion removes the links of the user, of every purpose, and no others.
pub fn delete_removes_the_links_of_the_user(store: &dyn AccountStore) {
    let (own, mut others) = (links_of(user_id(1), 10), links_of(user_id(2), 20));
    others.extend([invitation(30), invitation(31)]);
    add_user(store, &user(1, "ada"));
    add_user(store, &user(2, "grace"));
    own.iter().chain(&others).for_each(|link| add_link(store, link));
    assert_eq!(delete(store, user_id(1)), Committed::Done);
    own.iter().for_each(|link| assert_no_link(store, link));
    others.iter().for_each(|link| assert_link(store, link));
}

/// Checks that a deletion removes spent and expired links too, so that none is left for a purge.
pub fn delete_removes_dead_links(store: &dyn AccountStore) {
    let spent = token_for(1, user_id(1), Purpose::SignIn);
    let expired = OneTimeToken {
        expires_at: start(),
        ..token_for(2, user_id(1), Purpose::ResetPassword)
    };
    add_user(store, &user(1, "ada"));
    add_link(store, &spent);
    add_link(store, &expired);
    assert_eq!(spend(store, &spent), Committed::Done);
    assert_eq!(delete(store, user_id(1)), Committed::Done);
    assert_eq!(purge(store, end(), Timestamp::MAX, 10), 0);
}

fn events_of(user: UserId) -> [Event; 3] {
    [5, 0, 5].map(|millis| event(user, millis, EventKind::SignedIn))
}

/// Checks that a deletion removes all events of the user and no others.
pub fn delete_removes_the_events_of_the_user(store: &dyn AccountStore) {
    let (own, others) = (events_of(user_id(1)), events_of(user_id(2)));
    add_user(store, &user(1, "ada"));
    add_user(store, &user(2, "grace"));
    for (one, other) in own.iter().zip(&others) {
        append(store, one);
        append(store, other);
    }
    assert_eq!(delete(store, user_id(1)), Committed::Done);
    assert_events(store, user_id(1), &[]);
    assert_events(store, user_id(2), &others);
}

/// Checks that a new user with the id of a deleted one has neither its links nor its events.
pub fn successor_of_a_deleted_user_starts_empty(store: &dyn AccountStore) {
    let (ada, link) = (user(1, "ada"), token_for(1, user_id(1), Purpose::ResetPassword));
    let create = [
        Step::InsertUser(ada.clone()),
        Step::IssueLink(link.clone()),
        Step::AppendEvent(event(ada.id, 0, EventKind::SignedUp)),
    ];
    done(store, create);
    assert_eq!(delete(store, ada.id), Committed::Done);
    add_user(store, &ada);
    assert_user(store, &ada);
    assert_no_link(store, &link);
    assert_events(store, ada.id, &[]);
}

/// Checks that an event which follows a deletion in one commit is kept, and the earlier ones are not.
pub fn event_of_a_deletion_outlives_the_user(store: &dyn AccountStore) {
    let deleted = Event {
        actor: Actor::CommandLine,
        ..event(user_id(1), 9, EventKind::DeletedByOperator)
    };
    add_user(store, &user(1, "ada"));
    append(store, &event(user_id(1), 0, EventKind::SignedUp));
    done(
        store,
        [Step::DeleteUser(user_id(1)), Step::AppendEvent(deleted.clone())],
    );
    assert_events(store, user_id(1), &[deleted]);
}

/// Checks that events appended after a deletion are kept.
pub fn events_after_a_delete_are_kept(store: &dyn AccountStore) {
    add_user(store, &user(1, "ada"));
    append(store, &event(user_id(1), 9, EventKind::SignedUp));
    assert_eq!(delete(store, user_id(1)), Committed::Done);
    let later = events_of(user_id(1));
    later.iter().for_each(|event| append(store, event));
    assert_events(store, user_id(1), &later);
}
