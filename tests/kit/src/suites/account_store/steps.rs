//! Promises about the steps of one change: each sees the effect of those before it.

use kunci_domain::Step::{
    AppendEvent, DeleteUser, InsertUser, IssueLink, ReplaceUser, RequireNoUsers, RevokeLink, RevokeLinksFor,
    SpendLink,
};
use kunci_domain::ports::{AccountStore, Committed};
use kunci_domain::{EventKind, Purpose, Step, Timestamp};

use super::support::{
    add_user, assert_events, assert_link, assert_no_link, assert_no_user, assert_user, commit, done, list,
    purge, replaced, snapshot,
};
use crate::samples::{event, invitation, link_key, token_for, user, user_id};

/// Checks that a change without steps succeeds and changes nothing.
pub fn change_without_steps_is_done(store: &dyn AccountStore) {
    add_user(store, &user(1, "ada"));
    let before = snapshot(store);
    assert_eq!(commit(store, []), Committed::Done);
    assert_eq!(snapshot(store), before);
}

/// Checks that a user, a link for them and an event are stored in one commit.
pub fn one_commit_creates_user_link_and_event(store: &dyn AccountStore) {
    let ada = user(1, "ada");
    let link = token_for(1, ada.id, Purpose::ConfirmAddress);
    let event = event(ada.id, 0, EventKind::SignedUp);
    let steps = [
        RequireNoUsers,
        InsertUser(ada.clone()),
        IssueLink(link.clone()),
        AppendEvent(event.clone()),
    ];
    done(store, steps);
    assert_user(store, &ada);
    assert_link(store, &link);
    assert_events(store, ada.id, &[event]);
}

/// Checks that one commit can spend a link, replace the user and append an event, as a reset does.
pub fn one_commit_spends_replaces_and_appends(store: &dyn AccountStore) {
    let (ada, link) = (user(1, "ada"), token_for(1, user_id(1), Purpose::ResetPassword));
    done(store, [InsertUser(ada.clone()), IssueLink(link.clone())]);
    let changed = ada.in_next_epoch();
    let event = event(changed.id, 0, EventKind::PasswordReset);
    let steps = [
        SpendLink(link.key, link.purpose),
        ReplaceUser(changed.clone()),
        AppendEvent(event.clone()),
    ];
    done(store, steps);
    assert_no_link(store, &link);
    assert_user(store, &replaced(&changed));
    assert_events(store, changed.id, &[event]);
}

type Case = (&'static str, Vec<Step>, Committed);

/// Commits each change and compares the outcome.
///
/// A refused change must leave everything unchanged. The records of an accepted one are deleted again.
#[track_caller]
fn check(store: &dyn AccountStore, cases: impl IntoIterator<Item = Case>) {
    let empty = snapshot(store);
    for (name, steps, want) in cases {
        assert_eq!(commit(store, steps), want, "{name}");
        if want == Committed::Done {
            for user in list(store, None, 10) {
                done(store, [DeleteUser(user.id)]);
            }
            purge(store, Timestamp::MAX, Timestamp::MAX, u32::MAX);
        }
        assert_eq!(snapshot(store), empty, "{name}");
    }
}

/// Checks the preconditions of steps on users after earlier steps.
pub fn user_steps_see_earlier_steps(store: &dyn AccountStore) {
    let ada = || user(1, "ada");
    let (insert, replace, delete) = (
        || InsertUser(ada()),
        || ReplaceUser(ada()),
        || DeleteUser(ada().id),
    );
    let (same_name, same_id) = (|| InsertUser(user(2, "ADA")), || InsertUser(user(1, "grace")));
    let replace_again = || ReplaceUser(replaced(&ada()));
    let cases: [Case; 11] = [
        (
            "none after an insert",
            vec![insert(), RequireNoUsers],
            Committed::NotEmpty,
        ),
        ("name twice", vec![insert(), same_name()], Committed::NameTaken),
        ("id twice", vec![insert(), same_id()], Committed::Collision),
        (
            "revision twice",
            vec![insert(), replace(), replace()],
            Committed::Stale,
        ),
        ("early replacement", vec![replace(), insert()], Committed::Gone),
        ("early deletion", vec![delete(), insert()], Committed::Gone),
        (
            "late replacement",
            vec![insert(), delete(), replace()],
            Committed::Gone,
        ),
        (
            "two deletions",
            vec![insert(), delete(), delete()],
            Committed::Gone,
        ),
        (
            "none after a deletion",
            vec![insert(), delete(), RequireNoUsers],
            Committed::Done,
        ),
        (
            "name of the deleted",
            vec![insert(), delete(), same_name()],
            Committed::Done,
        ),
        (
            "next revision",
            vec![insert(), replace(), replace_again()],
            Committed::Done,
        ),
    ];
    check(store, cases);
}

/// Checks the preconditions of steps on links after earlier steps.
pub fn link_steps_see_earlier_steps(store: &dyn AccountStore) {
    let link = || token_for(1, user_id(1), Purpose::SignIn);
    let (issue, spend, revoke) = (
        || IssueLink(link()),
        || SpendLink(link().key, Purpose::SignIn),
        || RevokeLink(link().key),
    );
    let issue_next = || IssueLink(token_for(2, user_id(1), Purpose::SignIn));
    let spend_next = || SpendLink(link_key(2), Purpose::SignIn);
    let revoke_for = RevokeLinksFor;
    let cases: [Case; 12] = [
        (
            "key twice",
            vec![issue(), IssueLink(invitation(1))],
            Committed::Collision,
        ),
        ("link twice", vec![issue(), issue()], Committed::Collision),
        ("early spend", vec![spend(), issue()], Committed::LinkSpent),
        (
            "two spends",
            vec![issue(), spend(), spend()],
            Committed::LinkSpent,
        ),
        (
            "spend after revoking",
            vec![issue(), revoke(), spend()],
            Committed::LinkSpent,
        ),
        (
            "revoke after spending",
            vec![issue(), spend(), revoke()],
            Committed::LinkSpent,
        ),
        (
            "two revocations",
            vec![issue(), revoke(), revoke()],
            Committed::LinkSpent,
        ),
        (
            "spend of the replaced",
            vec![issue(), issue_next(), spend()],
            Committed::LinkSpent,
        ),
        (
            "revoked purpose",
            vec![issue(), revoke_for(Purpose::SignIn), spend()],
            Committed::LinkSpent,
        ),
        (
            "other purpose",
            vec![issue(), revoke_for(Purpose::SetUp), spend()],
            Committed::Done,
        ),
        (
            "spend of the successor",
            vec![issue(), issue_next(), spend_next()],
            Committed::Done,
        ),
        ("revoke after issuing", vec![issue(), revoke()], Committed::Done),
    ];
    check(store, cases);
}

/// Checks that a deletion removes the links and events that earlier steps added, and no later ones.
pub fn deletion_applies_at_its_place(store: &dyn AccountStore) {
    let (ada, kind) = (user(1, "ada"), EventKind::SignedIn);
    let (earlier, later) = (
        token_for(1, ada.id, Purpose::SignIn),
        token_for(2, ada.id, Purpose::ResetPassword),
    );
    let steps = [
        InsertUser(ada.clone()),
        IssueLink(earlier.clone()),
        AppendEvent(event(ada.id, 1, kind)),
        DeleteUser(ada.id),
        IssueLink(later.clone()),
        AppendEvent(event(ada.id, 2, kind)),
    ];
    done(store, steps);
    assert_no_user(store, &ada);
    assert_no_link(store, &earlier);
    assert_link(store, &later);
    assert_events(store, ada.id, &[event(ada.id, 2, kind)]);
}

/// Checks that the events of one commit are listed in the order of its steps, whatever their times.
pub fn events_of_one_commit_keep_their_order(store: &dyn AccountStore) {
    let of = |number, millis| event(user_id(number), millis, EventKind::SignedIn);
    let appended = [of(1, 5), of(2, 9), of(1, 0), of(1, 5), of(2, 1), of(1, -3)];
    done(store, appended.clone().map(AppendEvent));
    assert_events(store, user_id(1), &[of(1, 5), of(1, 0), of(1, 5), of(1, -3)]);
    assert_events(store, user_id(2), &[of(2, 9), of(2, 1)]);
}
