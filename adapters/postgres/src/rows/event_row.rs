//! The rows of the table `kunci_events`.

use std::net::IpAddr;

use kunci_domain::{Actor, Event, EventKind, UserId};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::Fields;
use crate::error::PgError;

/// The columns of an event, in the order in which [`read_event`] reads and [`EventRow::columns`] writes them.
macro_rules! event_columns {
    () => {
        "actor, actor_id, target_id, at, kind, user_agent, address"
    };
}

pub(crate) use event_columns;

/// The values of an event.
pub(crate) struct EventRow<'e> {
    actor: &'static str,
    actor_id: Option<i64>,
    target_id: Option<i64>,
    at: i64,
    kind: &'static str,
    user_agent: &'e str,
    address: Option<IpAddr>,
}

impl<'e> EventRow<'e> {
    pub(crate) fn of(event: &'e Event) -> Self {
        let (actor, actor_id) = event.actor.to_stored();
        Self {
            actor,
            actor_id: actor_id.map(UserId::as_i64),
            target_id: event.target.map(UserId::as_i64),
            at: event.at.unix_millis(),
            kind: event.kind.as_str(),
            user_agent: event.device.user_agent(),
            address: event.device.address(),
        }
    }

    /// Returns the values of the [`event_columns`].
    pub(crate) fn columns(&self) -> [&(dyn ToSql + Sync); 7] {
        [
            &self.actor,
            &self.actor_id,
            &self.target_id,
            &self.at,
            &self.kind,
            &self.user_agent,
            &self.address,
        ]
    }
}

/// Reads the event in a row of [`event_columns`].
pub(crate) fn read_event(row: &Row) -> Result<Event, PgError> {
    let mut fields = Fields::of(row);
    let word: &str = fields.read()?;
    let id: Option<i64> = fields.read()?;
    let actor = Actor::from_stored(word, id.map(UserId::from_stored)).ok_or_else(|| fields.invalid())?;
    let target: Option<i64> = fields.read()?;
    Ok(Event {
        actor,
        target: target.map(UserId::from_stored),
        at: fields.time()?,
        kind: fields.parse(|word: &str| EventKind::parse(word))?,
        device: fields.device()?,
    })
}
