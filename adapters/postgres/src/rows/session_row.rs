//! The rows of the table `kunci_sessions`.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use kunci_domain::{
    Authentication, Epoch, Lifetime, Notices, PendingSignIn, Permanence, Revision, SealedSeed, Session,
    SessionData, SessionKey, SignInState, UserId, whole_millis,
};
use serde::Serialize;
use serde_json::Value;
use tokio_postgres::types::ToSql;

use super::{Fields, digest};
use crate::error::PgError;

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

/// The values of a session.
pub(crate) struct SessionRow<'s> {
    pub(crate) key: &'s [u8],
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
    pub(crate) enrolment: Option<&'s [u8]>,
    pub(crate) notices: Option<String>,
    pub(crate) user_agent: &'s str,
    pub(crate) address: Option<IpAddr>,
    pub(crate) data: Option<String>,
    pub(crate) origin: Option<&'s [u8]>,
    pub(crate) previous: Option<&'s [u8]>,
}

impl<'s> SessionRow<'s> {
    pub(crate) fn of(session: &'s Session) -> Result<Self, PgError> {
        let authentication = session.authentication();
        let pending = pending(session);
        let first_step = pending.map(|pending| pending.first_step);
        let bytes = |key: &'s SessionKey| &key.as_bytes()[..];
        Ok(Self {
            key: session.key.as_bytes(),
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
            enrolment: session.enrolment.as_ref().map(SealedSeed::as_bytes),
            notices: notices_json(&session.notices)?,
            user_agent: session.device.user_agent(),
            address: session.device.address(),
            data: data_json(&session.data)?,
            origin: session.origin.as_ref().map(bytes),
            previous: session.previous.as_ref().map(bytes),
        })
    }

    /// Returns the values of the [`session_columns`].
    pub(crate) fn columns(&self) -> [&(dyn ToSql + Sync); 22] {
        [
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

fn data_json(data: &SessionData) -> Result<Option<String>, PgError> {
    (!data.is_empty()).then(|| json(data.as_map())).transpose()
}

fn notices_json(notices: &Notices) -> Result<Option<String>, PgError> {
    let list = || json(&notices.iter().collect::<Vec<_>>());
    (!notices.is_empty()).then(list).transpose()
}

fn json(value: &impl Serialize) -> Result<String, PgError> {
    serde_json::to_string(value).map_err(PgError::Values)
}

/// Reads the session in the next [`session_columns`].
pub(crate) fn read_session(fields: &mut Fields<'_>) -> Result<Session, PgError> {
    let key = fields.parse(key)?;
    let expires_at = fields.time()?;
    let expiry = fields.invalid();
    let session = Session {
        key,
        created_at: fields.time()?,
        last_seen_at: fields.time()?,
        lifetime: Lifetime {
            idle: fields.parse(duration)?,
            absolute: fields.parse(duration)?,
        },
        permanence: Permanence::from_choice(fields.read()?),
        revision: Revision::from_stored(fields.read()?),
        sign_in: sign_in_state(fields)?,
        enrolment: fields.optional(|bytes: &[u8]| Some(SealedSeed::from_stored(bytes.to_vec())))?,
        notices: fields.optional(notices)?.unwrap_or_default(),
        device: fields.device()?,
        data: fields.optional(data)?.unwrap_or_default(),
        origin: fields.optional(self::key)?,
        previous: fields.optional(self::key)?,
    };
    // Some methods use the column and others the computed time, so the two must agree.
    if session.expires_at() == expires_at {
        Ok(session)
    } else {
        Err(expiry)
    }
}

fn authentication(fields: &mut Fields<'_>) -> Result<Option<Authentication>, PgError> {
    let (user, epoch) = (fields.read()?, fields.read()?);
    match (user, epoch, fields.optional_time()?) {
        (None, None, None) => Ok(None),
        (Some(user), Some(epoch), Some(at)) => Ok(Some(Authentication {
            user: UserId::from_stored(user),
            epoch: Epoch::from_stored(epoch),
            at,
        })),
        _ => Err(fields.invalid()),
    }
}

fn sign_in_state(fields: &mut Fields<'_>) -> Result<SignInState, PgError> {
    let complete = authentication(fields)?;
    let first_step = authentication(fields)?;
    let permanent: Option<bool> = fields.read()?;
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

fn key(bytes: &[u8]) -> Option<SessionKey> {
    digest(bytes).map(SessionKey::from_stored)
}

fn duration(millis: i64) -> Option<Duration> {
    u64::try_from(millis).ok().map(Duration::from_millis)
}

fn notices(text: &str) -> Option<Notices> {
    serde_json::from_str(text).ok().map(Notices::from_stored)
}

fn data(text: &str) -> Option<SessionData> {
    let values: BTreeMap<String, Value> = serde_json::from_str(text).ok()?;
    Some(SessionData::from_stored(values))
}
