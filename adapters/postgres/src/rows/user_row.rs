//! The rows of the table `kunci_users`.

use kunci_domain::{
    Admission, EmailAddress, Epoch, PasswordHash, RecoveryDigest, Revision, Role, SealedSeed, SecondFactor,
    Standing, Timestamp, TotpStep, User, UserId, Username,
};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::{Fields, email};
use crate::error::PgError;

/// The columns of a user, in the order in which [`read_user`] reads them.
macro_rules! user_columns {
    () => {
        "id, name, folded_name, email, password_hash, role, disabled, epoch, revision, created_at, \
         password_changed_at, email_confirmed_at, totp_seed, totp_last_step, recovery_codes, \
         second_factor_since"
    };
}

pub(crate) use user_columns;

/// The values of a user.
pub(crate) struct UserRow<'u> {
    pub(crate) id: i64,
    pub(crate) name: &'u str,
    pub(crate) folded_name: &'u [u8],
    pub(crate) email: Option<&'u str>,
    pub(crate) folded_email: Option<Vec<u8>>,
    pub(crate) password_hash: &'u str,
    pub(crate) role: &'static str,
    pub(crate) disabled: bool,
    pub(crate) epoch: i64,
    pub(crate) revision: i64,
    pub(crate) created_at: i64,
    pub(crate) password_changed_at: i64,
    pub(crate) email_confirmed_at: Option<i64>,
    pub(crate) totp_seed: Option<&'u [u8]>,
    pub(crate) totp_last_step: Option<i64>,
    pub(crate) recovery_codes: Option<Vec<u8>>,
    pub(crate) second_factor_since: Option<i64>,
}

impl<'u> UserRow<'u> {
    pub(crate) fn of(user: &'u User) -> Self {
        let factor = user.second_factor.as_ref();
        Self {
            id: user.id.as_i64(),
            name: user.name.as_str(),
            folded_name: user.name.folded().as_bytes(),
            email: user.email.as_ref().map(EmailAddress::as_str),
            folded_email: user.email.as_ref().map(folded_email),
            password_hash: user.password_hash.expose(),
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
            totp_seed: factor.map(|factor| factor.seed.as_bytes()),
            totp_last_step: factor.map(|factor| factor.last_step.as_i64()),
            recovery_codes: factor.map(|factor| {
                let digests = factor.recovery.iter().map(RecoveryDigest::as_bytes);
                digests.flatten().copied().collect()
            }),
            second_factor_since: factor.map(|factor| factor.since.unix_millis()),
        }
    }

    /// Returns the values of the [`user_columns`], and of the column `folded_email`.
    pub(crate) fn columns(&self) -> [&(dyn ToSql + Sync); 17] {
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
            &self.folded_email,
        ]
    }
}

/// Returns the bytes by which addresses are compared: they ignore the case of ASCII letters only.
pub(crate) fn folded_email(address: &EmailAddress) -> Vec<u8> {
    address.as_str().to_ascii_lowercase().into_bytes()
}

const MEMBER: &str = "member";
const ADMINISTRATOR: &str = "administrator";

/// Reads the user in a row of [`user_columns`].
pub(crate) fn read_user(row: &Row) -> Result<User, PgError> {
    let mut fields = Fields::of(row);
    Ok(User {
        id: UserId::from_stored(fields.read()?),
        name: name(&mut fields)?,
        email: fields.optional(email)?,
        password_hash: PasswordHash::from_stored(fields.read()?),
        role: fields.parse(role)?,
        standing: standing(fields.read()?),
        epoch: Epoch::from_stored(fields.read()?),
        revision: Revision::from_stored(fields.read()?),
        created_at: fields.time()?,
        password_changed_at: fields.time()?,
        email_confirmed_at: fields.optional_time()?,
        second_factor: second_factor(&mut fields)?,
    })
}

/// Reads a row of an id and a password hash.
pub(crate) fn read_password_hash(row: &Row) -> Result<(UserId, PasswordHash), PgError> {
    let mut fields = Fields::of(row);
    let id = UserId::from_stored(fields.read()?);
    Ok((id, PasswordHash::from_stored(fields.read()?)))
}

/// Reads the part of a user that follows a session: id, name, folded name, email, when it was confirmed, role,
/// whether the user is disabled, epoch, time of creation, and whether there is a second factor. All are NULL if
/// there is no such user.
pub(crate) fn read_admission(fields: &mut Fields<'_>) -> Result<Option<Admission>, PgError> {
    let Some(id) = fields.read()? else {
        return Ok(None);
    };
    Ok(Some(Admission {
        id: UserId::from_stored(id),
        name: name(fields)?,
        email: fields.optional(email)?,
        email_confirmed_at: fields.optional_time()?,
        role: fields.parse(role)?,
        standing: standing(fields.read()?),
        epoch: Epoch::from_stored(fields.read()?),
        created_at: fields.time()?,
        has_second_factor: fields.read()?,
    }))
}

/// Reads the name and its folded form, which must match.
fn name(fields: &mut Fields<'_>) -> Result<Username, PgError> {
    let name = fields.parse(|text: &str| Username::parse(text).ok())?;
    let folded: &[u8] = fields.read()?;
    if name.folded().as_bytes() == folded {
        Ok(name)
    } else {
        Err(fields.invalid())
    }
}

fn second_factor(fields: &mut Fields<'_>) -> Result<Option<SecondFactor>, PgError> {
    let seed: Option<Vec<u8>> = fields.read()?;
    let last_step: Option<i64> = fields.read()?;
    let recovery = fields.optional(recovery_codes)?;
    match (seed, last_step, recovery, fields.optional_time()?) {
        (None, None, None, None) => Ok(None),
        (Some(seed), Some(last_step), Some(recovery), Some(since)) => Ok(Some(SecondFactor {
            seed: SealedSeed::from_stored(seed),
            last_step: TotpStep::from_stored(last_step),
            recovery,
            since,
        })),
        _ => Err(fields.invalid()),
    }
}

fn recovery_codes(bytes: &[u8]) -> Option<Vec<RecoveryDigest>> {
    let (digests, rest) = bytes.as_chunks();
    let digests = digests.iter().copied().map(RecoveryDigest::from_stored);
    rest.is_empty().then(|| digests.collect())
}

fn role(word: &str) -> Option<Role> {
    match word {
        MEMBER => Some(Role::Member),
        ADMINISTRATOR => Some(Role::Administrator),
        _ => None,
    }
}

const fn standing(disabled: bool) -> Standing {
    if disabled {
        Standing::Disabled
    } else {
        Standing::Enabled
    }
}
