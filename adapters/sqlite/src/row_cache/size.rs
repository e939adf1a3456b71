//! Estimates the memory that a cached row takes. The estimate is rather too high than too low.

use std::mem::size_of;

use kunci_domain::{Admission, EmailAddress, Session};
use serde_json::Value;

use super::{Row, RowId};

/// The bytes that the map takes for each row beside the row itself, free places included.
const MAP_ENTRY: usize = 3 * size_of::<(RowId, Row)>();

/// The bytes that an allocator takes for each allocation beside its content.
const ALLOCATION: usize = 16;

/// The bytes that the map of a JSON object takes for each value, if it holds only one.
const OBJECT_ENTRY: usize = 11 * (size_of::<String>() + size_of::<Value>()) + ALLOCATION;

/// Returns the estimate for a row in the cache, in bytes.
pub(super) fn estimated_bytes(row: &Row) -> usize {
    MAP_ENTRY
        + ALLOCATION
        + match row {
            Row::Session(session) => session_bytes(session),
            Row::User(user) => user_bytes(user),
        }
}

fn session_bytes(session: &Session) -> usize {
    let agent = ALLOCATION + session.device.user_agent().len();
    let seed = session
        .enrolment
        .as_ref()
        .map_or(0, |seed| ALLOCATION + seed.as_bytes().len());
    let notice = |text: &str| 2 * size_of::<String>() + ALLOCATION + text.len();
    let notices: usize = session.notices.iter().map(notice).sum();
    size_of::<Session>() + agent + seed + notices + entries_bytes(session.data.as_map())
}

fn user_bytes(user: &Admission) -> usize {
    let email = user.email.as_ref().map_or("", EmailAddress::as_str);
    let texts = [user.name.as_str(), user.name.folded(), email];
    let texts: usize = texts.iter().map(|text| ALLOCATION + text.len()).sum();
    size_of::<Admission>() + texts
}

fn entries_bytes<'v>(map: impl IntoIterator<Item = (&'v String, &'v Value)>) -> usize {
    let entry = |(key, value): (&String, &Value)| OBJECT_ENTRY + ALLOCATION + key.len() + heap_bytes(value);
    map.into_iter().map(entry).sum()
}

/// Returns the bytes that a value takes beside its own place in a list or map.
fn heap_bytes(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        Value::String(text) => text.len() + ALLOCATION,
        Value::Array(list) => {
            let inner: usize = list.iter().map(heap_bytes).sum();
            inner + 2 * list.len() * size_of::<Value>() + ALLOCATION
        }
        Value::Object(object) => entries_bytes(object),
    }
}
