//! Reads and writes the table `budgets`.

use kunci_domain::ports::Committed;
use kunci_domain::{BudgetKey, BudgetKind, BudgetOwner, Epoch, Timestamp, UsedBudget, UserId};
use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest, Sha256};

use super::users;
use crate::error::SqliteError;

/// The row of a budget: its owner, and whether that is a share of names without an account.
type Place = (i64, bool);

/// Returns a budget, or `None` if it is full.
pub(crate) fn find(
    connection: &Connection,
    owner: &BudgetOwner,
    kind: BudgetKind,
) -> Result<Option<UsedBudget>, SqliteError> {
    find_at(connection, place(connection, owner)?, kind)
}

fn find_at(
    connection: &Connection,
    place: Place,
    kind: BudgetKind,
) -> Result<Option<UsedBudget>, SqliteError> {
    const SQL: &str = "SELECT full_at, epoch FROM budgets WHERE owner = ?1 AND is_share = ?2 AND kind = ?3";
    let mut statement = connection.prepare_cached(SQL)?;
    let found = statement.query_row(params![place.0, place.1, kind.as_str()], |row| {
        Ok(UsedBudget {
            full_at: Timestamp::from_unix_millis(row.get(0)?),
            epoch: Epoch::from_stored(row.get(1)?),
        })
    });
    Ok(found.optional()?)
}

/// Writes a budget that is stored as `from`.
pub(crate) fn write(
    connection: &Connection,
    owner: &BudgetOwner,
    kind: BudgetKind,
    from: Option<UsedBudget>,
    to: Option<UsedBudget>,
) -> Result<Committed, SqliteError> {
    if let BudgetOwner::Account(id) = owner
        && !users::exists(connection, id.as_i64())?
    {
        return Ok(Committed::Gone);
    }
    let place = place(connection, owner)?;
    if find_at(connection, place, kind)? != from {
        return Ok(Committed::Stale);
    }
    match to {
        Some(used) => insert_or_replace(connection, place, kind, used)?,
        None => remove(connection, place, kind)?,
    }
    Ok(Committed::Done)
}

fn insert_or_replace(
    connection: &Connection,
    place: Place,
    kind: BudgetKind,
    used: UsedBudget,
) -> Result<(), SqliteError> {
    const SQL: &str = "INSERT OR REPLACE INTO budgets (owner, is_share, kind, full_at, epoch)
        VALUES (?1, ?2, ?3, ?4, ?5)";
    let (full_at, epoch) = (used.full_at.unix_millis(), used.epoch.as_i64());
    let values = params![place.0, place.1, kind.as_str(), full_at, epoch];
    connection.prepare_cached(SQL)?.execute(values)?;
    Ok(())
}

fn remove(connection: &Connection, place: Place, kind: BudgetKind) -> Result<(), SqliteError> {
    const SQL: &str = "DELETE FROM budgets WHERE owner = ?1 AND is_share = ?2 AND kind = ?3";
    let values = params![place.0, place.1, kind.as_str()];
    connection.prepare_cached(SQL)?.execute(values)?;
    Ok(())
}

/// Removes all budgets of a user.
pub(crate) fn delete_all_of(connection: &Connection, user: UserId) -> Result<(), SqliteError> {
    const SQL: &str = "DELETE FROM budgets WHERE owner = ?1 AND is_share = 0";
    connection.prepare_cached(SQL)?.execute([user.as_i64()])?;
    Ok(())
}

fn place(connection: &Connection, owner: &BudgetOwner) -> Result<Place, SqliteError> {
    Ok(match owner {
        BudgetOwner::Account(id) => (id.as_i64(), false),
        BudgetOwner::Unknown(name) => (share_of(connection, name)?, true),
    })
}

/// Returns which of 65,536 shares a name belongs to.
fn share_of(connection: &Connection, name: &BudgetKey) -> Result<i64, SqliteError> {
    const SQL: &str = "SELECT secret FROM budget_secret";
    let secret: Vec<u8> = connection.prepare_cached(SQL)?.query_row([], |row| row.get(0))?;
    let digest = Sha256::new_with_prefix(secret)
        .chain_update(name.as_bytes())
        .finalize();
    Ok(i64::from(u16::from_be_bytes([digest[0], digest[1]])))
}
