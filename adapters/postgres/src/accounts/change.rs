//! Applies the steps of a change within the current transaction. The caller rolls back what is not `Done`.

use kunci_domain::ports::Committed;
use kunci_domain::{BudgetOwner, Step, Timestamp, UserId};

use super::budgets::Shares;
use super::{budgets, events, links, users};
use crate::connection::Connection;
use crate::error::PgError;

/// Applies steps in order, up to the first whose precondition does not hold.
///
/// Each statement sees what was committed before it began, and waits for rows that another transaction has
/// changed. The conditions are therefore part of the statements that write.
pub(crate) fn apply(
    connection: &mut Connection,
    shares: &Shares,
    steps: &[Step],
    now: Timestamp,
) -> Result<Committed, PgError> {
    lock_users(connection, steps)?;
    for step in steps {
        match apply_step(connection, shares, step, now)? {
            Committed::Done => {}
            refused => return Ok(refused),
        }
    }
    Ok(Committed::Done)
}

/// Locks the users of a change in the order of their ids, if there are several. So two changes never wait for
/// each other; the server would end one of them after a second.
fn lock_users(connection: &mut Connection, steps: &[Step]) -> Result<(), PgError> {
    let mut ids: Vec<i64> = steps.iter().filter_map(user_of).map(UserId::as_i64).collect();
    ids.sort_unstable();
    ids.dedup();
    if 1 < ids.len() {
        users::lock(connection, &ids)?;
    }
    Ok(())
}

/// Returns the user whose row a step changes or locks.
const fn user_of(step: &Step) -> Option<UserId> {
    match step {
        Step::ReplaceUser(user) => Some(user.id),
        Step::DeleteUser(id) => Some(*id),
        Step::WriteBudget {
            owner: BudgetOwner::Account(id),
            ..
        } => Some(*id),
        _ => None,
    }
}

fn apply_step(
    connection: &mut Connection,
    shares: &Shares,
    step: &Step,
    now: Timestamp,
) -> Result<Committed, PgError> {
    match step {
        Step::RequireNoUsers => {
            users::is_empty(connection).map(|is_empty| done_if(is_empty, Committed::NotEmpty))
        }
        Step::InsertUser(user) => users::insert(connection, user),
        Step::ReplaceUser(user) => users::replace(connection, user),
        Step::DeleteUser(id) => delete_user(connection, *id),
        Step::IssueLink(link) => {
            links::issue(connection, link).map(|is_new| done_if(is_new, Committed::Collision))
        }
        Step::SpendLink(key, purpose) => links::spend(connection, key, *purpose, now)
            .map(|was_spent| done_if(was_spent, Committed::LinkSpent)),
        Step::RevokeLink(key) => {
            links::revoke(connection, key, now).map(|was_live| done_if(was_live, Committed::LinkSpent))
        }
        Step::RevokeLinksFor(purpose) => {
            links::revoke_all_for(connection, *purpose).map(|()| Committed::Done)
        }
        Step::AppendEvent(event) => events::append(connection, event).map(|()| Committed::Done),
        Step::WriteBudget {
            owner,
            kind,
            from,
            to,
        } => budgets::write(connection, shares, owner, *kind, *from, *to),
    }
}

/// Deletes a user with all their links, events and budgets. If there is none, records with this id stay.
fn delete_user(connection: &mut Connection, id: UserId) -> Result<Committed, PgError> {
    if !users::delete(connection, id)? {
        return Ok(Committed::Gone);
    }
    links::revoke_all_of(connection, id)?;
    events::delete_all_of(connection, id)?;
    budgets::delete_all_of(connection, id)?;
    Ok(Committed::Done)
}

const fn done_if(holds: bool, otherwise: Committed) -> Committed {
    if holds { Committed::Done } else { otherwise }
}
