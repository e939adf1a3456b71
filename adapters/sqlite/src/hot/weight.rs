//! How much memory a row takes: not to the byte, and rather too much than too little.

use std::mem::{size_of, size_of_val};

use kunci_domain::{EmailAddress, Session, User};
use serde_json::Value;

use super::{Row, RowId};

/// What a map takes for each row beside the row itself, with the room that it leaves free.
const PLACE: usize = 3 * size_of::<(RowId, Row)>();

/// What an allocator takes for each piece beside the piece itself.
const PIECE: usize = 16;

/// What the maps of JSON objects take for each value, when they hold but one.
const ENTRY: usize = 11 * (size_of::<String>() + size_of::<Value>()) + PIECE;

/// In bytes.
pub(super) fn weight(row: &Row) -> usize {
    PLACE
        + match row {
            Row::Session(session) => PIECE + of_session(session),
            Row::User(user) => PIECE + of_user(user),
        }
}

fn of_session(session: &Session) -> usize {
    let agent = PIECE + session.device.user_agent().len();
    size_of::<Session>() + agent + entries(session.data.as_map())
}

fn of_user(user: &User) -> usize {
    let email = user.email.as_ref().map_or("", EmailAddress::as_str);
    let texts = [
        user.name.as_str(),
        user.name.folded(),
        email,
        user.password_hash.expose(),
    ];
    let texts: usize = texts.iter().map(|text| PIECE + text.len()).sum();
    let factor = user.second_factor.as_ref().map_or(0, |factor| {
        factor.seed.as_bytes().len() + size_of_val(&factor.recovery[..]) + 2 * PIECE
    });
    size_of::<User>() + texts + factor
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
