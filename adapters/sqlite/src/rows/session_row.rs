//! The rows of the table `sessions`.

use std::collections::BTreeMap;
use std::time::Duration;

use kunci_domain::{
    Authentication, Epoch, Lifetime, Permanence, Revision, Session, SessionData, SessionKey, Timestamp,
    UserId, whole_millis,
};
use rusqlite::types::ValueRef;
use rusqlite::{Row, ToSql};
use serde_json::Value;

use super::{Fields, boolean, device, digest, integer, octets, optional, text, timestamp, user_agent};
use crate::error::SqliteError;

/// The columns of a session, in the order in which [`read_session`] reads and [`SessionRow::columns`] writes
/// them.
macro_rules! session_columns {
    () => {
        "key, expires_at, created_at, last_seen_at, idle_millis, absolute_millis, permanent, revision, \
         user_id, user_epoch, authenticated_at, user_agent, address, data, origin"
    };
}

pub(crate) use session_columns;

/// Returns the row id for a key: its first 63 bits, which sort like the keys.
pub(crate) const fn row_id(key: &SessionKey) -> i64 {
    let [a, b, c, d, e, f, g, h, ..] = *key.as_bytes();
    (u64::from_be_bytes([a, b, c, d, e, f, g, h]) >> 1).cast_signed()
}

/// The values of a session, ready to be sent to the writer thread.
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
    pub(crate) origin: Option<[u8; SessionKey::LEN]>,
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
            user_agent: user_agent::pack(session.device.user_agent()).into_owned(),
            address: session.device.address().map(octets),
            data: json(&session.data)?,
            origin: session.origin.map(|origin| *origin.as_bytes()),
        })
    }

    /// Returns the id and the values of the [`session_columns`].
    pub(crate) fn columns(&self) -> [&dyn ToSql; 16] {
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
            &self.origin,
        ]
    }
}

fn json(data: &SessionData) -> Result<Option<String>, SqliteError> {
    if data.is_empty() {
        return Ok(None);
    }
    let text = serde_json::to_string(data.as_map());
    text.map(Some).map_err(|error| SqliteError::Values(error.into()))
}

/// Reads the session in a row of [`session_columns`].
///
/// Returns `None` if it is expired at `now`, or if its key is not `expected`: two keys can share the row id.
pub(crate) fn read_session(
    row: &Row<'_>,
    expected: Option<&SessionKey>,
    now: Timestamp,
) -> Result<Option<Session>, SqliteError> {
    let mut fields = Fields::of(row);
    let key = fields.read(key)?;
    let expires_at = fields.read(timestamp)?;
    if expected.is_some_and(|expected| *expected != key) || expires_at <= now {
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
        origin: fields.read(optional(self::key))?,
    };
    // Some methods use the column and others the computed time, so the two must agree.
    if session.expires_at() == expires_at {
        Ok(Some(session))
    } else {
        Err(Fields::after(row, 1).invalid())
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
        _ => Err(fields.invalid()),
    }
}

fn duration(value: ValueRef<'_>) -> Option<Duration> {
    u64::try_from(integer(value)?).ok().map(Duration::from_millis)
}

fn key(value: ValueRef<'_>) -> Option<SessionKey> {
    digest(value).map(SessionKey::from_stored)
}

fn data(value: ValueRef<'_>) -> Option<SessionData> {
    if value == ValueRef::Null {
        return Some(SessionData::default());
    }
    let values: BTreeMap<String, Value> = serde_json::from_str(text(value)?).ok()?;
    Some(SessionData::from_stored(values))
}
