//! The rows of the table `kunci_tokens`.

use kunci_domain::{EmailAddress, Epoch, LinkKey, OneTimeToken, Purpose, UserId};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::{Fields, digest, email};
use crate::error::PgError;

/// The columns of a token, in the order in which [`read_token`] reads and [`TokenRow::columns`] writes them.
macro_rules! token_columns {
    () => {
        "key, purpose, user_id, user_epoch, email, uses_left, uses, created_at, expires_at"
    };
}

pub(crate) use token_columns;

/// The values of a token when it is issued.
pub(crate) struct TokenRow<'t> {
    key: &'t [u8],
    purpose: &'static str,
    user_id: Option<i64>,
    user_epoch: Option<i64>,
    email: Option<&'t str>,
    uses: i64,
    created_at: i64,
    expires_at: i64,
}

impl<'t> TokenRow<'t> {
    pub(crate) fn of(token: &'t OneTimeToken) -> Self {
        Self {
            key: token.key.as_bytes(),
            purpose: token.purpose.as_str(),
            user_id: token.account.map(|(user, _)| user.as_i64()),
            user_epoch: token.account.map(|(_, epoch)| epoch.as_i64()),
            email: token.address.as_ref().map(EmailAddress::as_str),
            uses: token.uses_left.into(),
            created_at: token.created_at.unix_millis(),
            expires_at: token.expires_at.unix_millis(),
        }
    }

    /// Returns the values of the [`token_columns`], with all uses left.
    pub(crate) fn columns(&self) -> [&(dyn ToSql + Sync); 9] {
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
pub(crate) fn read_token(row: &Row) -> Result<OneTimeToken, PgError> {
    let mut fields = Fields::of(row);
    Ok(OneTimeToken {
        key: fields.parse(|bytes: &[u8]| digest(bytes).map(LinkKey::from_stored))?,
        purpose: fields.parse(|word: &str| Purpose::parse(word))?,
        account: account(&mut fields)?,
        address: fields.optional(email)?,
        uses_left: uses_left(&mut fields)?,
        created_at: fields.time()?,
        expires_at: fields.time()?,
    })
}

fn account(fields: &mut Fields<'_>) -> Result<Option<(UserId, Epoch)>, PgError> {
    let user: Option<i64> = fields.read()?;
    match (user, fields.read()?) {
        (None, None) => Ok(None),
        (Some(user), Some(epoch)) => Ok(Some((UserId::from_stored(user), Epoch::from_stored(epoch)))),
        _ => Err(fields.invalid()),
    }
}

/// Reads how many uses are left, which must not exceed the number at issue.
fn uses_left(fields: &mut Fields<'_>) -> Result<u32, PgError> {
    let left = fields.parse(count)?;
    if left <= fields.parse(count)? {
        Ok(left)
    } else {
        Err(fields.invalid())
    }
}

fn count(uses: i64) -> Option<u32> {
    u32::try_from(uses).ok()
}
