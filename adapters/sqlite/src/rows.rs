//! What a row holds: domain records as columns and back, checked on the way in.
//!
//! Left out: the statements, which stand beside the methods that run them.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use kunci_domain::{
    Authentication, Device, EmailAddress, Epoch, Lifetime, PasswordHash, Permanence, Revision, Role, Session,
    SessionData, SessionKey, Standing, Timestamp, User, UserId, Username, whole_millis,
};
use rusqlite::types::ValueRef;
use rusqlite::{Row, ToSql};
use serde_json::Value;

use crate::error::SqliteError;

/// The columns of a session, in the order in which [`session`] reads and [`SessionRow::columns`] writes them.
macro_rules! session_columns {
    () => {
        "key, expires_at, created_at, last_seen_at, idle_millis, absolute_millis, permanent, revision, \
         user_id, user_epoch, authenticated_at, user_agent, address, data"
    };
}

/// The columns of a user, in the order in which [`user`] reads and [`UserRow::columns`] writes them.
macro_rules! user_columns {
    () => {
        "id, name, folded_name, email, password_hash, role, disabled, epoch, revision, created_at, \
         password_changed_at"
    };
}

pub(crate) use {session_columns, user_columns};

/// The id under which the session with a key is kept: the first 63 bits, which sort as the keys do.
pub(crate) const fn row_id(key: &SessionKey) -> i64 {
    let [a, b, c, d, e, f, g, h, ..] = *key.as_bytes();
    (u64::from_be_bytes([a, b, c, d, e, f, g, h]) >> 1).cast_signed()
}

/// A session as it is written, ready to be sent to the thread that writes.
pub(crate) struct SessionRow {
    pub(crate) id: i64,
    pub(crate) key: [u8; SessionKey::LEN],
    pub(crate) expires_at: i64,
    pub(crate) created_at: i64,
    pub(crate) last_seen_at: i64,
    pub(crate) idle_millis: i64,
    pub(crate) absolute_millis: i64,
    pub(crate) permanent: bool,
    pub(crate) revision: i64,
    pub(crate) user_id: Option<i64>,
    pub(crate) user_epoch: Option<i64>,
    pub(crate) authenticated_at: Option<i64>,
    pub(crate) user_agent: String,
    pub(crate) address: Option<Vec<u8>>,
    pub(crate) data: Option<String>,
}

impl SessionRow {
    pub(crate) fn of(session: &Session) -> Result<Self, SqliteError> {
        let authentication = session.authentication;
        Ok(Self {
            id: row_id(&session.key),
            key: *session.key.as_bytes(),
            expires_at: session.expires_at().unix_millis(),
            created_at: session.created_at.unix_millis(),
            last_seen_at: session.last_seen_at.unix_millis(),
            idle_millis: whole_millis(session.lifetime.idle),
            absolute_millis: whole_millis(session.lifetime.absolute),
            permanent: session.permanence.is_permanent(),
            revision: session.revision.as_i64(),
            user_id: authentication.map(|authentication| authentication.user.as_i64()),
            user_epoch: authentication.map(|authentication| authentication.epoch.as_i64()),
            authenticated_at: authentication.map(|authentication| authentication.at.unix_millis()),
            user_agent: session.device.user_agent().to_owned(),
            address: session.device.address().map(octets),
            data: json(&session.data)?,
        })
    }

    /// The id and the [`session_columns`].
    pub(crate) fn columns(&self) -> [&dyn ToSql; 15] {
        [
            &self.id,
            &self.key,
            &self.expires_at,
            &self.created_at,
            &self.last_seen_at,
            &self.idle_millis,
            &self.absolute_millis,
            &self.permanent,
            &self.revision,
            &self.user_id,
            &self.user_epoch,
            &self.authenticated_at,
            &self.user_agent,
            &self.address,
            &self.data,
        ]
    }
}

fn octets(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    }
}

fn json(data: &SessionData) -> Result<Option<String>, SqliteError> {
    if data.is_empty() {
        return Ok(None);
    }
    let text = serde_json::to_string(data.as_map());
    text.map(Some).map_err(|error| SqliteError::Values(error.into()))
}

/// The session in a row of [`session_columns`], unless it is dead at `now` or, where a key is asked for,
/// it is another one that shares its first 63 bits.
pub(crate) fn session(
    row: &Row<'_>,
    asked: Option<&SessionKey>,
    now: Timestamp,
) -> Result<Option<Session>, SqliteError> {
    let mut fields = Fields::of(row);
    let key = fields.read(key)?;
    let expires_at = fields.read(timestamp)?;
    if asked.is_some_and(|asked| *asked != key) || expires_at <= now {
        return Ok(None);
    }
    let session = Session {
        key,
        created_at: fields.read(timestamp)?,
        last_seen_at: fields.read(timestamp)?,
        lifetime: Lifetime {
            idle: fields.read(duration)?,
            absolute: fields.read(duration)?,
        },
        permanence: Permanence::from_choice(fields.read(boolean)?),
        revision: Revision::from_stored(fields.read(integer)?),
        authentication: authentication(&mut fields)?,
        device: device(&mut fields)?,
        data: fields.read(data)?,
    };
    // Two answers to the question when it ends would be one for each method.
    if session.expires_at() == expires_at {
        Ok(Some(session))
    } else {
        Err(Fields::at(row, 1).senseless())
    }
}

fn authentication(fields: &mut Fields<'_>) -> Result<Option<Authentication>, SqliteError> {
    let user = fields.read(optional(integer))?;
    let epoch = fields.read(optional(integer))?;
    match (user, epoch, fields.read(optional(timestamp))?) {
        (None, None, None) => Ok(None),
        (Some(user), Some(epoch), Some(at)) => Ok(Some(Authentication {
            user: UserId::from_stored(user),
            epoch: Epoch::from_stored(epoch),
            at,
        })),
        _ => Err(fields.senseless()),
    }
}

fn device(fields: &mut Fields<'_>) -> Result<Device, SqliteError> {
    let user_agent = fields.read(text)?;
    let address = fields.read(optional(address))?;
    Ok(Device::new(user_agent, address))
}

/// A user as it is written, ready to be sent to the thread that writes.
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
}

impl UserRow {
    pub(crate) fn of(user: &User) -> Self {
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
        }
    }

    /// The [`user_columns`].
    pub(crate) fn columns(&self) -> [&dyn ToSql; 11] {
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
        ]
    }
}

const MEMBER: &str = "member";
const ADMINISTRATOR: &str = "administrator";

/// The user in a row of [`user_columns`].
pub(crate) fn user(row: &Row<'_>) -> Result<User, SqliteError> {
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
    })
}

/// The name, whose folded form must be the one by which the row is found.
fn name(fields: &mut Fields<'_>) -> Result<Username, SqliteError> {
    let name = fields.read(|value| Username::parse(text(value)?).ok())?;
    let folded = fields.read(text)?;
    if name.folded() == folded { Ok(name) } else { Err(fields.senseless()) }
}

/// Reads the columns of a row one after another.
struct Fields<'r> {
    row: &'r Row<'r>,
    next: usize,
}

impl<'r> Fields<'r> {
    fn of(row: &'r Row<'r>) -> Self {
        Self { row, next: 0 }
    }

    /// As if the column at `index` had been read last.
    fn at(row: &'r Row<'r>, index: usize) -> Self {
        Self { row, next: index + 1 }
    }

    /// The next column, as `parse` understands it.
    fn read<T>(&mut self, parse: impl FnOnce(ValueRef<'r>) -> Option<T>) -> Result<T, SqliteError> {
        let value = self.row.get_ref(self.next)?;
        self.next += 1;
        parse(value).ok_or_else(|| self.senseless())
    }

    /// The column that was read last makes no sense, by itself or beside those before it.
    fn senseless(&self) -> SqliteError {
        let column = self.row.as_ref().column_name(self.next.saturating_sub(1));
        SqliteError::Senseless {
            column: column.unwrap_or("?").to_owned(),
        }
    }
}

fn optional<'r, T>(parse: impl Fn(ValueRef<'r>) -> Option<T>) -> impl Fn(ValueRef<'r>) -> Option<Option<T>> {
    move |value| match value {
        ValueRef::Null => Some(None),
        value => parse(value).map(Some),
    }
}

const fn integer(value: ValueRef<'_>) -> Option<i64> {
    match value {
        ValueRef::Integer(integer) => Some(integer),
        _ => None,
    }
}

const fn text(value: ValueRef<'_>) -> Option<&str> {
    match value {
        // A match, because `ok` is not for constants; the text may be invalid when others wrote it.
        ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => Some(text),
            Err(_) => None,
        },
        _ => None,
    }
}

const fn blob(value: ValueRef<'_>) -> Option<&[u8]> {
    match value {
        ValueRef::Blob(bytes) => Some(bytes),
        _ => None,
    }
}

fn boolean(value: ValueRef<'_>) -> Option<bool> {
    match integer(value)? {
        0 => Some(false),
        1 => Some(true),
        _ => None,
    }
}

fn timestamp(value: ValueRef<'_>) -> Option<Timestamp> {
    integer(value).map(Timestamp::from_unix_millis)
}

fn duration(value: ValueRef<'_>) -> Option<Duration> {
    u64::try_from(integer(value)?).ok().map(Duration::from_millis)
}

fn key(value: ValueRef<'_>) -> Option<SessionKey> {
    blob(value)?.try_into().ok().map(SessionKey::from_stored)
}

fn address(value: ValueRef<'_>) -> Option<IpAddr> {
    let bytes = blob(value)?;
    let four = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
    four.or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from)).ok()
}

fn data(value: ValueRef<'_>) -> Option<SessionData> {
    if value == ValueRef::Null {
        return Some(SessionData::default());
    }
    let values: BTreeMap<String, Value> = serde_json::from_str(text(value)?).ok()?;
    Some(SessionData::from_stored(values))
}

fn email(value: ValueRef<'_>) -> Option<EmailAddress> {
    EmailAddress::parse(text(value)?).ok()
}

fn role(value: ValueRef<'_>) -> Option<Role> {
    match text(value)? {
        MEMBER => Some(Role::Member),
        ADMINISTRATOR => Some(Role::Administrator),
        _ => None,
    }
}

fn standing(value: ValueRef<'_>) -> Option<Standing> {
    boolean(value).map(|disabled| if disabled { Standing::Disabled } else { Standing::Enabled })
}
