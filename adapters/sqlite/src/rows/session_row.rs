//! The rows of the table `sessions`.

use std::collections::BTreeMap;
use std::time::Duration;

use kunci_domain::{
    Authentication, Epoch, Lifetime, Notices, PendingSignIn, Permanence, Revision, SealedSeed, Session,
    SessionData, SessionKey, SignInState, Timestamp, UserId, whole_millis,
};
use rusqlite::types::ValueRef;
use rusqlite::{Row, ToSql};
use serde::Serialize;
use serde_json::Value;

use super::{Fields, blob, boolean, device, digest, integer, octets, optional, text, timestamp, user_agent};
use crate::error::SqliteError;

/// The columns of a session, in the order in which [`read_session`] reads and [`SessionRow::columns`] writes
/// them.
macro_rules! session_columns {
    () => {
        "key, expires_at, created_at, last_seen_at, idle_millis, absolute_millis, permanent, revision, \
         user_id, user_epoch, authenticated_at, pending_user_id, pending_user_epoch, pending_since, \
         pending_permanent, enrolment, notices, user_agent, address, data, origin, previous"
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
    pub(crate) pending_user_id: Option<i64>,
    pub(crate) pending_user_epoch: Option<i64>,
    pub(crate) pending_since: Option<i64>,
    pub(crate) pending_permanent: Option<bool>,
    pub(crate) enrolment: Option<Vec<u8>>,
    pub(crate) notices: Option<String>,
    pub(crate) user_agent: String,
    pub(crate) address: Option<Vec<u8>>,
    pub(crate) data: Option<String>,
    pub(crate) origin: Option<[u8; SessionKey::LEN]>,
    pub(crate) previous: Option<[u8; SessionKey::LEN]>,
}

impl SessionRow {
    pub(crate) fn of(session: &Session) -> Result<Self, SqliteError> {
        let authentication = session.authentication();
        let pending = pending(session);
        let first_step = pending.map(|pending| pending.first_step);
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
            pending_user_id: first_step.map(|step| step.user.as_i64()),
            pending_user_epoch: first_step.map(|step| step.epoch.as_i64()),
            pending_since: first_step.map(|step| step.at.unix_millis()),
            pending_permanent: pending.map(|pending| pending.permanence.is_permanent()),
            enrolment: session.enrolment.as_ref().map(|seed| seed.as_bytes().to_vec()),
            notices: notices_json(&session.notices)?,
            user_agent: user_agent::pack(session.device.user_agent()).into_owned(),
            address: session.device.address().map(octets),
            data: data_json(&session.data)?,
            origin: session.origin.map(|key| *key.as_bytes()),
            previous: session.previous.map(|key| *key.as_bytes()),
        })
    }

    /// Returns the id and the values of the [`session_columns`].
    pub(crate) fn columns(&self) -> [&dyn ToSql; 23] {
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
            &self.pending_user_id,
            &self.pending_user_epoch,
            &self.pending_since,
            &self.pending_permanent,
            &self.enrolment,
            &self.notices,
            &self.user_agent,
            &self.address,
            &self.data,
            &self.origin,
            &self.previous,
        ]
    }
}

const fn pending(session: &Session) -> Option<PendingSignIn> {
    match session.sign_in {
        SignInState::PendingSecondFactor(pending) => Some(pending),
        SignInState::Visitor | SignInState::Complete(_) => None,
    }
}

fn data_json(data: &SessionData) -> Result<Option<String>, SqliteError> {
    (!data.is_empty()).then(|| json(data.as_map())).transpose()
}

fn notices_json(notices: &Notices) -> Result<Option<String>, SqliteError> {
    let list = || json(&notices.iter().collect::<Vec<_>>());
    (!notices.is_empty()).then(list).transpose()
}

fn json(value: &impl Serialize) -> Result<String, SqliteError> {
    serde_json::to_string(value).map_err(|error| SqliteError::Values(error.into()))
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
        sign_in: sign_in_state(&mut fields)?,
        enrolment: fields.read(optional(seed))?,
        notices: fields.read(notices)?,
        device: device(&mut fields)?,
        data: fields.read(data)?,
        origin: fields.read(optional(self::key))?,
        previous: fields.read(optional(self::key))?,
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

fn sign_in_state(fields: &mut Fields<'_>) -> Result<SignInState, SqliteError> {
    let complete = authentication(fields)?;
    let first_step = authentication(fields)?;
    let permanent = fields.read(optional(boolean))?;
    match (complete, first_step, permanent) {
        (None, None, None) => Ok(SignInState::Visitor),
        (Some(proof), None, None) => Ok(SignInState::Complete(proof)),
        (None, Some(first_step), Some(permanent)) => Ok(SignInState::PendingSecondFactor(PendingSignIn {
            first_step,
            permanence: Permanence::from_choice(permanent),
        })),
        _ => Err(fields.invalid()),
    }
}

fn seed(value: ValueRef<'_>) -> Option<SealedSeed> {
    blob(value).map(|bytes| SealedSeed::from_stored(bytes.to_vec()))
}

fn notices(value: ValueRef<'_>) -> Option<Notices> {
    match value {
        ValueRef::Null => Some(Notices::default()),
        value => serde_json::from_str(text(value)?).ok().map(Notices::from_stored),
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
