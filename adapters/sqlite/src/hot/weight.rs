//! How much memory a row takes: not to the byte, and rather too much than too little.

use std::mem::size_of;

use kunci_domain::{Session, User};
use serde_json::Value;

use super::{Row, RowId};

/// What a map takes for each row beside the row itself, with the room that it leaves free.
const PLACE: usize = 3 * size_of::<(RowId, Row)>();

/// What an allocator takes for each piece beside the piece itself.
const PIECE: usize = 16;

/// What the maps of JSON objects take for each value, when they hold but one.
const ENTRY: usize = 11 * (size_of::<String>() + size_of::<Value>()) + PIECE;

/// The most that the texts of a user take: names, address, password hash, sealed seed, recovery codes.
const TEXTS_OF_A_USER: usize = 2_048;

/// In bytes.
pub(super) fn weight(row: &Row) -> usize {
    PLACE
        + match row {
            Row::User(_) => size_of::<User>() + TEXTS_OF_A_USER,
            Row::Session(session) => {
                let texts = session.device.user_agent().len() + 2 * PIECE;
                size_of::<Session>() + texts + entries(session.data.as_map())
            }
        }
}

fn entries<'v>(map: impl IntoIterator<Item = (&'v String, &'v Value)>) -> usize {
    let entry = |(key, value): (&String, &Value)| ENTRY + PIECE + key.len() + value_beyond_itself(value);
    map.into_iter().map(entry).sum()
}

/// What a value takes beside its own place.
fn value_beyond_itself(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        Value::String(text) => text.len() + PIECE,
        Value::Array(list) => {
            let inner: usize = list.iter().map(value_beyond_itself).sum();
            inner + 2 * list.len() * size_of::<Value>() + PIECE
        }
        Value::Object(object) => entries(object),
    }
}
