//! Applies the steps of a change within the current transaction, all or none.

use kunci_domain::ports::Committed;
use kunci_domain::{AccountChange, Step, Timestamp, UserId};
use rusqlite::Connection;

use super::{budgets, events, links, users};
use crate::error::SqliteError;

/// Applies a change. If a precondition does not hold, only this change is undone, and all else that the
/// transaction has written stays.
///
/// # Errors
/// After an error that [leaves the transaction intact](SqliteError::leaves_transaction_intact), the change is
/// undone. After any other error, the caller must roll the whole transaction back.
pub(crate) fn apply(
    connection: &Connection,
    change: &AccountChange,
    now: Timestamp,
) -> Result<Committed, SqliteError> {
    execute(connection, "SAVEPOINT account_change")?;
    let applied = apply_steps(connection, change.steps(), now);
    let is_undone = match &applied {
        Ok(committed) => *committed != Committed::Done,
        Err(error) if error.leaves_transaction_intact() => true,
        // SQLite may have rolled the whole transaction back, and the savepoint with it.
        Err(_) => return applied,
    };
    if is_undone {
        execute(connection, "ROLLBACK TO account_change")?;
    }
    execute(connection, "RELEASE account_change")?;
    applied
}

/// Applies steps in order, up to the first whose precondition does not hold.
fn apply_steps(connection: &Connection, steps: &[Step], now: Timestamp) -> Result<Committed, SqliteError> {
    for step in steps {
        match apply_step(connection, step, now)? {
            Committed::Done => {}
            refused => return Ok(refused),
        }
    }
    Ok(Committed::Done)
}

fn apply_step(connection: &Connection, step: &Step, now: Timestamp) -> Result<Committed, SqliteError> {
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
        } => budgets::write(connection, owner, *kind, *from, *to),
    }
}

/// Deletes a user with all their links, events and budgets. If there is none, records with this id stay.
fn delete_user(connection: &Connection, id: UserId) -> Result<Committed, SqliteError> {
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

fn execute(connection: &Connection, sql: &str) -> Result<(), SqliteError> {
    connection.prepare_cached(sql)?.execute([])?;
    Ok(())
}

#[cfg(test)]
mod tests;
