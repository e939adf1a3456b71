//! Reads and writes the table `kunci_budgets`.
//!
//! The budget of an account and that of a name without an account take the same statements. Otherwise the time
//! of a request would reveal which names have an account.

use std::fmt;
use std::sync::OnceLock;

use kunci_domain::ports::Committed;
use kunci_domain::{BudgetKey, BudgetKind, BudgetOwner, Epoch, UsedBudget, UserId};
use sha2::{Digest, Sha256};

use super::users;
use crate::connection::Connection;
use crate::error::PgError;
use crate::rows::Fields;

/// The secret that decides which names share a budget. It never changes, so it is read once.
#[derive(Default)]
pub(crate) struct Shares(OnceLock<String>);

impl fmt::Debug for Shares {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shares(..)")
    }
}

/// The key of a row: its owner, and whether that is a share of names without an account.
type Place = (i64, bool);

/// Returns a budget, or `None` if it is full.
pub(crate) fn find(
    connection: &mut Connection,
    shares: &Shares,
    owner: &BudgetOwner,
    kind: BudgetKind,
) -> Result<Option<UsedBudget>, PgError> {
    let place = place(connection, shares, owner)?;
    find_at(connection, place, kind)
}

fn find_at(
    connection: &mut Connection,
    (owner, is_share): Place,
    kind: BudgetKind,
) -> Result<Option<UsedBudget>, PgError> {
    const SQL: &str =
        "SELECT full_at, epoch FROM kunci_budgets WHERE owner = $1 AND is_share = $2 AND kind = $3";
    let row = connection.query_first(SQL, &[&owner, &is_share, &kind.as_str()])?;
    let read = |fields: &mut Fields<'_>| {
        Ok(UsedBudget {
            full_at: fields.time()?,
            epoch: Epoch::from_stored(fields.read()?),
        })
    };
    row.map(|row| read(&mut Fields::of(&row))).transpose()
}

/// Writes a budget that is stored as `from`.
pub(crate) fn write(
    connection: &mut Connection,
    shares: &Shares,
    owner: &BudgetOwner,
    kind: BudgetKind,
    from: Option<UsedBudget>,
    to: Option<UsedBudget>,
) -> Result<Committed, PgError> {
    let account = match owner {
        BudgetOwner::Account(id) => Some(*id),
        BudgetOwner::Unknown(_) => None,
    };
    if !users::keep(connection, account)? && account.is_some() {
        return Ok(Committed::Gone);
    }
    let place = place(connection, shares, owner)?;
    let is_written = match (from, to) {
        (None, None) => find_at(connection, place, kind)?.is_none(),
        (None, Some(to)) => insert(connection, place, kind, to)?,
        (Some(from), Some(to)) => replace(connection, place, kind, from, to)?,
        (Some(from), None) => remove(connection, place, kind, from)?,
    };
    Ok(if is_written {
        Committed::Done
    } else {
        Committed::Stale
    })
}

fn insert(
    connection: &mut Connection,
    (owner, is_share): Place,
    kind: BudgetKind,
    to: UsedBudget,
) -> Result<bool, PgError> {
    const SQL: &str =
        "INSERT INTO kunci_budgets (owner, is_share, kind, full_at, epoch) VALUES ($1, $2, $3, $4, $5)";
    let (full_at, epoch) = (to.full_at.unix_millis(), to.epoch.as_i64());
    match connection.execute(SQL, &[&owner, &is_share, &kind.as_str(), &full_at, &epoch]) {
        Ok(_) => Ok(true),
        Err(error) if error.taken().is_some() => Ok(false),
        Err(error) => Err(error),
    }
}

fn replace(
    connection: &mut Connection,
    (owner, is_share): Place,
    kind: BudgetKind,
    from: UsedBudget,
    to: UsedBudget,
) -> Result<bool, PgError> {
    const SQL: &str = "UPDATE kunci_budgets SET full_at = $6, epoch = $7
        WHERE owner = $1 AND is_share = $2 AND kind = $3 AND full_at = $4 AND epoch = $5";
    let (from_full_at, from_epoch) = (from.full_at.unix_millis(), from.epoch.as_i64());
    let (full_at, epoch) = (to.full_at.unix_millis(), to.epoch.as_i64());
    let replaced = connection.execute(
        SQL,
        &[
            &owner,
            &is_share,
            &kind.as_str(),
            &from_full_at,
            &from_epoch,
            &full_at,
            &epoch,
        ],
    )?;
    Ok(0 < replaced)
}

fn remove(
    connection: &mut Connection,
    (owner, is_share): Place,
    kind: BudgetKind,
    from: UsedBudget,
) -> Result<bool, PgError> {
    const SQL: &str = "DELETE FROM kunci_budgets
        WHERE owner = $1 AND is_share = $2 AND kind = $3 AND full_at = $4 AND epoch = $5";
    let (full_at, epoch) = (from.full_at.unix_millis(), from.epoch.as_i64());
    Ok(0 < connection.execute(SQL, &[&owner, &is_share, &kind.as_str(), &full_at, &epoch])?)
}

/// Removes all budgets of a user.
pub(crate) fn delete_all_of(connection: &mut Connection, user: UserId) -> Result<(), PgError> {
    const SQL: &str = "DELETE FROM kunci_budgets WHERE owner = $1 AND NOT is_share";
    connection.execute(SQL, &[&user.as_i64()]).map(|_| ())
}

fn place(connection: &mut Connection, shares: &Shares, owner: &BudgetOwner) -> Result<Place, PgError> {
    Ok(match owner {
        BudgetOwner::Account(id) => (id.as_i64(), false),
        BudgetOwner::Unknown(name) => (share_of(connection, shares, name)?, true),
    })
}

/// Returns which of 65,536 shares a name belongs to.
fn share_of(connection: &mut Connection, shares: &Shares, name: &BudgetKey) -> Result<i64, PgError> {
    let secret = match shares.0.get() {
        Some(secret) => secret,
        None => {
            let secret = read_secret(connection)?;
            shares.0.get_or_init(|| secret)
        }
    };
    let digest = Sha256::new_with_prefix(secret)
        .chain_update(name.as_bytes())
        .finalize();
    Ok(i64::from(u16::from_be_bytes([digest[0], digest[1]])))
}

fn read_secret(connection: &mut Connection) -> Result<String, PgError> {
    let row = connection.query_first("SELECT secret FROM kunci_budget_secret", &[])?;
    let missing = || PgError::InvalidColumn {
        column: "secret".to_owned(),
    };
    Fields::of(&row.ok_or_else(missing)?).read()
}
