//! The rows of the table `events`.

use kunci_domain::{Actor, Event, EventKind, UserId};
use rusqlite::{Row, ToSql};

use super::{Fields, device, integer, octets, optional, text, timestamp, user_agent};
use crate::error::SqliteError;

/// The columns of an event, in the order in which [`read_event`] reads and [`EventRow::columns`] writes them.
macro_rules! event_columns {
    () => {
        "actor, actor_id, target_id, at, kind, user_agent, address"
    };
}

pub(crate) use event_columns;

/// The values of an event, ready to be sent to the writer thread.
pub(crate) struct EventRow {
    actor: &'static str,
    actor_id: Option<i64>,
    target_id: Option<i64>,
    at: i64,
    kind: &'static str,
    user_agent: String,
    address: Option<Vec<u8>>,
}

impl EventRow {
    pub(crate) fn of(event: &Event) -> Self {
        let (actor, actor_id) = event.actor.to_stored();
        Self {
            actor,
            actor_id: actor_id.map(UserId::as_i64),
            target_id: event.target.map(UserId::as_i64),
            at: event.at.unix_millis(),
            kind: event.kind.as_str(),
            user_agent: user_agent::pack(event.device.user_agent()).into_owned(),
            address: event.device.address().map(octets),
        }
    }

    /// Returns the values of the [`event_columns`].
    pub(crate) fn columns(&self) -> [&dyn ToSql; 7] {
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
pub(crate) fn read_event(row: &Row<'_>) -> Result<Event, SqliteError> {
    let mut fields = Fields::of(row);
    let word = fields.read(text)?;
    let id = fields.read(optional(integer))?.map(UserId::from_stored);
    let actor = Actor::from_stored(word, id).ok_or_else(|| fields.invalid())?;
    Ok(Event {
        actor,
        target: fields.read(optional(integer))?.map(UserId::from_stored),
        at: fields.read(timestamp)?,
        kind: fields.read(|value| EventKind::parse(text(value)?))?,
        device: device(&mut fields)?,
    })
}
