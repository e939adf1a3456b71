//! The rows of the table `tokens`.

use kunci_domain::{Epoch, LinkKey, OneTimeToken, Purpose, UserId};
use rusqlite::types::ValueRef;
use rusqlite::{Row, ToSql};

use super::{Fields, digest, email, integer, optional, text, timestamp};
use crate::error::SqliteError;

/// The columns of a token, in the order in which [`read_token`] reads and [`TokenRow::columns`] writes them.
macro_rules! token_columns {
    () => {
        "key, purpose, user_id, user_epoch, email, uses_left, uses, created_at, expires_at"
    };
}

pub(crate) use token_columns;

/// The values of a token when it is issued, ready to be sent to the writer thread.
pub(crate) struct TokenRow {
    key: [u8; LinkKey::LEN],
    purpose: &'static str,
    user_id: Option<i64>,
    user_epoch: Option<i64>,
    email: Option<String>,
    uses: u32,
    created_at: i64,
    expires_at: i64,
}

impl TokenRow {
    pub(crate) fn of(token: &OneTimeToken) -> Self {
        Self {
            key: *token.key.as_bytes(),
            purpose: token.purpose.as_str(),
            user_id: token.account.map(|(user, _)| user.as_i64()),
            user_epoch: token.account.map(|(_, epoch)| epoch.as_i64()),
            email: token.address.as_ref().map(|address| address.as_str().to_owned()),
            uses: token.uses_left,
            created_at: token.created_at.unix_millis(),
            expires_at: token.expires_at.unix_millis(),
        }
    }

    /// Returns the values of the [`token_columns`], with all uses left.
    pub(crate) fn columns(&self) -> [&dyn ToSql; 9] {
        [
            &self.key,
            &self.purpose,
            &self.user_id,
            &self.user_epoch,
            &self.email,
            &self.uses,
            &self.uses,
            &self.created_at,
            &self.expires_at,
        ]
    }
}

/// Reads the token in a row of [`token_columns`], live or not.
pub(crate) fn read_token(row: &Row<'_>) -> Result<OneTimeToken, SqliteError> {
    let mut fields = Fields::of(row);
    Ok(OneTimeToken {
        key: fields.read(|value| digest(value).map(LinkKey::from_stored))?,
        purpose: fields.read(|value| Purpose::parse(text(value)?))?,
        account: account(&mut fields)?,
        address: fields.read(optional(email))?,
        uses_left: uses_left(&mut fields)?,
        created_at: fields.read(timestamp)?,
        expires_at: fields.read(timestamp)?,
    })
}

fn account(fields: &mut Fields<'_>) -> Result<Option<(UserId, Epoch)>, SqliteError> {
    let user = fields.read(optional(integer))?;
    match (user, fields.read(optional(integer))?) {
        (None, None) => Ok(None),
        (Some(user), Some(epoch)) => Ok(Some((UserId::from_stored(user), Epoch::from_stored(epoch)))),
        _ => Err(fields.invalid()),
    }
}

/// Reads how many uses are left, which must not exceed the number at issue.
fn uses_left(fields: &mut Fields<'_>) -> Result<u32, SqliteError> {
    let left = fields.read(count)?;
    if left <= fields.read(count)? {
        Ok(left)
    } else {
        Err(fields.invalid())
    }
}

fn count(value: ValueRef<'_>) -> Option<u32> {
    u32::try_from(integer(value)?).ok()
}
