//! The rows of the table `users`.

use kunci_domain::{
    Admission, Epoch, PasswordHash, RecoveryDigest, Revision, Role, SealedSeed, SecondFactor, Standing,
    Timestamp, TotpStep, User, UserId, Username,
};
use rusqlite::types::ValueRef;
use rusqlite::{Row, ToSql};

use super::{Fields, blob, boolean, email, integer, optional, text, timestamp};
use crate::error::SqliteError;

/// The columns of a user, in the order in which [`read_user`] reads and [`UserRow::columns`] writes them.
macro_rules! user_columns {
    () => {
        "id, name, folded_name, email, password_hash, role, disabled, epoch, revision, created_at, \
         password_changed_at, email_confirmed_at, totp_seed, totp_last_step, recovery_codes, \
         second_factor_since"
    };
}

/// The columns of a user that [`read_admission`] reads, in this order.
macro_rules! admission_columns {
    () => {
        "id, name, folded_name, email, email_confirmed_at, role, disabled, epoch, created_at, \
         totp_seed IS NOT NULL"
    };
}

pub(crate) use {admission_columns, user_columns};

/// The values of a user, ready to be sent to the writer thread.
pub(crate) struct UserRow {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) folded_name: String,
    pub(crate) email: Option<String>,
    pub(crate) password_hash: String,
    pub(crate) role: &'static str,
    pub(crate) disabled: bool,
    pub(crate) epoch: i64,
    pub(crate) revision: i64,
    pub(crate) created_at: i64,
    pub(crate) password_changed_at: i64,
    pub(crate) email_confirmed_at: Option<i64>,
    pub(crate) totp_seed: Option<Vec<u8>>,
    pub(crate) totp_last_step: Option<i64>,
    pub(crate) recovery_codes: Option<Vec<u8>>,
    pub(crate) second_factor_since: Option<i64>,
}

impl UserRow {
    pub(crate) fn of(user: &User) -> Self {
        let factor = user.second_factor.as_ref();
        Self {
            id: user.id.as_i64(),
            name: user.name.as_str().to_owned(),
            folded_name: user.name.folded().to_owned(),
            email: user.email.as_ref().map(|email| email.as_str().to_owned()),
            password_hash: user.password_hash.expose().to_owned(),
            role: match user.role {
                Role::Member => MEMBER,
                Role::Administrator => ADMINISTRATOR,
            },
            disabled: user.standing == Standing::Disabled,
            epoch: user.epoch.as_i64(),
            revision: user.revision.as_i64(),
            created_at: user.created_at.unix_millis(),
            password_changed_at: user.password_changed_at.unix_millis(),
            email_confirmed_at: user.email_confirmed_at.map(Timestamp::unix_millis),
            totp_seed: factor.map(|factor| factor.seed.as_bytes().to_vec()),
            totp_last_step: factor.map(|factor| factor.last_step.as_i64()),
            recovery_codes: factor.map(|factor| {
                let digests = factor.recovery.iter().map(RecoveryDigest::as_bytes);
                digests.flatten().copied().collect()
            }),
            second_factor_since: factor.map(|factor| factor.since.unix_millis()),
        }
    }

    /// Returns the values of the [`user_columns`].
    pub(crate) fn columns(&self) -> [&dyn ToSql; 16] {
        [
            &self.id,
            &self.name,
            &self.folded_name,
            &self.email,
            &self.password_hash,
            &self.role,
            &self.disabled,
            &self.epoch,
            &self.revision,
            &self.created_at,
            &self.password_changed_at,
            &self.email_confirmed_at,
            &self.totp_seed,
            &self.totp_last_step,
            &self.recovery_codes,
            &self.second_factor_since,
        ]
    }
}

const MEMBER: &str = "member";
const ADMINISTRATOR: &str = "administrator";

/// Reads the user in a row of [`user_columns`].
pub(crate) fn read_user(row: &Row<'_>) -> Result<User, SqliteError> {
    let mut fields = Fields::of(row);
    Ok(User {
        id: UserId::from_stored(fields.read(integer)?),
        name: name(&mut fields)?,
        email: fields.read(optional(email))?,
        password_hash: PasswordHash::from_stored(fields.read(text)?.to_owned()),
        role: fields.read(role)?,
        standing: fields.read(standing)?,
        epoch: Epoch::from_stored(fields.read(integer)?),
        revision: Revision::from_stored(fields.read(integer)?),
        created_at: fields.read(timestamp)?,
        password_changed_at: fields.read(timestamp)?,
        email_confirmed_at: fields.read(optional(timestamp))?,
        second_factor: second_factor(&mut fields)?,
    })
}

/// Reads a row of an id and a password hash.
pub(crate) fn read_password_hash(row: &Row<'_>) -> Result<(UserId, PasswordHash), SqliteError> {
    let mut fields = Fields::of(row);
    let id = UserId::from_stored(fields.read(integer)?);
    Ok((id, PasswordHash::from_stored(fields.read(text)?.to_owned())))
}

/// Reads the part of a user in a row of [`admission_columns`].
pub(crate) fn read_admission(row: &Row<'_>) -> Result<Admission, SqliteError> {
    let mut fields = Fields::of(row);
    Ok(Admission {
        id: UserId::from_stored(fields.read(integer)?),
        name: name(&mut fields)?,
        email: fields.read(optional(email))?,
        email_confirmed_at: fields.read(optional(timestamp))?,
        role: fields.read(role)?,
        standing: fields.read(standing)?,
        epoch: Epoch::from_stored(fields.read(integer)?),
        created_at: fields.read(timestamp)?,
        has_second_factor: fields.read(boolean)?,
    })
}

/// Reads the name and its folded form, which must match.
fn name(fields: &mut Fields<'_>) -> Result<Username, SqliteError> {
    let name = fields.read(|value| Username::parse(text(value)?).ok())?;
    let folded = fields.read(text)?;
    if name.folded() == folded {
        Ok(name)
    } else {
        Err(fields.invalid())
    }
}

fn second_factor(fields: &mut Fields<'_>) -> Result<Option<SecondFactor>, SqliteError> {
    let seed = fields.read(optional(blob))?;
    let last_step = fields.read(optional(integer))?;
    let recovery = fields.read(optional(recovery_codes))?;
    match (seed, last_step, recovery, fields.read(optional(timestamp))?) {
        (None, None, None, None) => Ok(None),
        (Some(seed), Some(last_step), Some(recovery), Some(since)) => Ok(Some(SecondFactor {
            seed: SealedSeed::from_stored(seed.to_vec()),
            last_step: TotpStep::from_stored(last_step),
            recovery,
            since,
        })),
        _ => Err(fields.invalid()),
    }
}

fn recovery_codes(value: ValueRef<'_>) -> Option<Vec<RecoveryDigest>> {
    let (digests, rest) = blob(value)?.as_chunks();
    let digests = digests.iter().copied().map(RecoveryDigest::from_stored);
    rest.is_empty().then(|| digests.collect())
}

fn role(value: ValueRef<'_>) -> Option<Role> {
    match text(value)? {
        MEMBER => Some(Role::Member),
        ADMINISTRATOR => Some(Role::Administrator),
        _ => None,
    }
}

fn standing(value: ValueRef<'_>) -> Option<Standing> {
    boolean(value).map(|disabled| {
        if disabled {
            Standing::Disabled
        } else {
            Standing::Enabled
        }
    })
}
