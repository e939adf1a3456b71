//! Promises about refused changes: if one step is refused, no step has an effect.

use kunci_domain::ports::{AccountStore, Committed};
use kunci_domain::{
    BudgetKind, BudgetOwner, Epoch, EventKind, OneTimeToken, Purpose, Revision, Step, Timestamp, UsedBudget,
    User,
};

use super::support::{commit, done, replaced, snapshot};
use crate::samples::{event, invitation, link_key, start, token_for, user, user_id};

/// Stores what the steps below act on: users 1 and 2, links 1 to 3 of user 1, invitations 4 and 5, of
/// which the latter is expired, and one event of each user.
fn prepare(store: &dyn AccountStore) {
    let expired = OneTimeToken {
        expires_at: start(),
        ..invitation(5)
    };
    let links = [
        OneTimeToken {
            uses_left: 2,
            ..token_for(1, user_id(1), Purpose::SignIn)
        },
        token_for(2, user_id(1), Purpose::ResetPassword),
        token_for(3, user_id(1), Purpose::ConfirmAddress),
        invitation(4),
        expired,
    ];
    let users = [user(1, "ada"), user(2, "grace")];
    let events = users
        .each_ref()
        .map(|user| Step::AppendEvent(event(user.id, 0, EventKind::SignedUp)));
    done(
        store,
        users
            .map(Step::InsertUser)
            .into_iter()
            .chain(links.map(Step::IssueLink))
            .chain(events),
    );
}

/// A state of a budget that is never stored.
const USED: UsedBudget = UsedBudget {
    full_at: Timestamp::MAX,
    epoch: Epoch::from_stored(9),
};

fn write_budget(user: u64, from: Option<UsedBudget>) -> Step {
    Step::WriteBudget {
        owner: BudgetOwner::Account(user_id(user)),
        kind: BudgetKind::Guesses,
        from,
        to: Some(UsedBudget {
            full_at: start(),
            epoch: Epoch::default(),
        }),
    }
}

/// Returns steps that the prepared store accepts, alone and in this order.
fn accepted() -> Vec<Step> {
    let reset = token_for(7, user_id(1), Purpose::ResetPassword);
    vec![
        Step::InsertUser(user(3, "hedy")),
        Step::ReplaceUser(user(1, "ada").in_next_epoch()),
        Step::IssueLink(invitation(6)),
        Step::IssueLink(reset),
        Step::SpendLink(link_key(1), Purpose::SignIn),
        Step::RevokeLink(link_key(3)),
        Step::RevokeLinksFor(Purpose::Invitation),
        Step::AppendEvent(event(user_id(1), 5, EventKind::SignedIn)),
        Step::AppendEvent(event(user_id(3), 5, EventKind::SignedUp)),
        write_budget(1, None),
        Step::DeleteUser(user_id(2)),
    ]
}

/// Returns one step for each precondition, which the prepared store refuses, also after all accepted
/// steps.
fn refused() -> Vec<(Step, Committed)> {
    let stale = User {
        revision: Revision::from_stored(9),
        ..user(1, "ada")
    };
    vec![
        (Step::RequireNoUsers, Committed::NotEmpty),
        (Step::InsertUser(user(8, "ADA")), Committed::NameTaken),
        (Step::InsertUser(user(1, "zoe")), Committed::Collision),
        (Step::ReplaceUser(stale), Committed::Stale),
        (Step::ReplaceUser(user(9, "joan")), Committed::Gone),
        (Step::DeleteUser(user_id(9)), Committed::Gone),
        (Step::IssueLink(invitation(1)), Committed::Collision),
        (
            Step::IssueLink(token_for(1, user_id(1), Purpose::ConfirmAddress)),
            Committed::Collision,
        ),
        (
            Step::SpendLink(link_key(9), Purpose::SignIn),
            Committed::LinkSpent,
        ),
        (Step::SpendLink(link_key(1), Purpose::SetUp), Committed::LinkSpent),
        (
            Step::SpendLink(link_key(5), Purpose::Invitation),
            Committed::LinkSpent,
        ),
        (Step::RevokeLink(link_key(5)), Committed::LinkSpent),
        (Step::RevokeLink(link_key(9)), Committed::LinkSpent),
        (write_budget(1, Some(USED)), Committed::Stale),
        (write_budget(9, None), Committed::Gone),
    ]
}

/// Checks that each accepted step has no effect if the next step is refused.
pub fn refused_step_undoes_the_one_before(store: &dyn AccountStore) {
    prepare(store);
    let before = snapshot(store);
    for (refused, want) in refused() {
        for accepted in accepted() {
            let steps = [accepted.clone(), refused.clone()];
            assert_eq!(
                commit(store, steps),
                want,
                "{refused:?} was not refused after {accepted:?}"
            );
            assert_eq!(snapshot(store), before, "{accepted:?}, refused by {refused:?}");
        }
    }
    everything_is_still_accepted(store);
}

/// Checks that no step has an effect if the last of many is refused.
pub fn refused_last_step_undoes_all_others(store: &dyn AccountStore) {
    prepare(store);
    let before = snapshot(store);
    for (refused, want) in refused() {
        let steps = accepted().into_iter().chain([refused.clone()]);
        assert_eq!(commit(store, steps), want, "{refused:?} was not refused");
        assert_eq!(snapshot(store), before, "refused by {refused:?}");
    }
    everything_is_still_accepted(store);
}

/// Checks that no step after a refused one has an effect.
pub fn refused_first_step_stops_all_others(store: &dyn AccountStore) {
    prepare(store);
    let before = snapshot(store);
    for (refused, want) in refused() {
        let steps = [refused.clone()].into_iter().chain(accepted());
        assert_eq!(commit(store, steps), want, "{refused:?} was not refused");
        assert_eq!(snapshot(store), before, "refused by {refused:?}");
    }
    everything_is_still_accepted(store);
}

/// Checks that the first refused step decides the outcome.
pub fn first_refused_step_decides_the_outcome(store: &dyn AccountStore) {
    prepare(store);
    let before = snapshot(store);
    for (first, want) in refused() {
        for (second, _) in refused() {
            let steps = [first.clone(), second.clone()];
            assert_eq!(commit(store, steps), want, "{first:?}, then {second:?}");
        }
    }
    assert_eq!(snapshot(store), before);
}

/// Checks that a change which was refused as stale succeeds once it is based on the stored revision.
pub fn refused_change_succeeds_after_a_new_read(store: &dyn AccountStore) {
    prepare(store);
    let read = user(1, "ada");
    done(store, [Step::ReplaceUser(read.clone().in_next_epoch())]);
    let reset = |user: User| {
        [
            Step::SpendLink(link_key(2), Purpose::ResetPassword),
            Step::ReplaceUser(user),
        ]
    };
    assert_eq!(commit(store, reset(read.clone())), Committed::Stale);
    let stored = replaced(&read.in_next_epoch());
    assert_eq!(commit(store, reset(stored.clone())), Committed::Done);
    assert_eq!(commit(store, reset(replaced(&stored))), Committed::LinkSpent);
    let found = store.find(stored.id).expect("find");
    assert_eq!(found.map(|user| user.epoch), Some(Epoch::from_stored(1)));
}

/// Commits all accepted steps at once. A leftover of a refused change, such as a taken name, would
/// refuse one.
#[track_caller]
fn everything_is_still_accepted(store: &dyn AccountStore) {
    assert_eq!(
        commit(store, accepted()),
        Committed::Done,
        "a leftover is in the way"
    );
}
