//! The values that an application keeps in a session, and the changes that a request makes to them.
//!
//! A request does not write the values it read back as a whole: it collects changes, which can be
//! applied again to a fresher record when another request was quicker.

use std::collections::BTreeMap;
use std::io;

use serde_json::Value;
use thiserror::Error;

/// Key to value, as an application put them there.
///
/// - keys have 1 to 128 characters, none of them a control character
/// - keys that begin with `_` are Kunci's own (messages for the next page, what waits for a code)
/// - all of it is at most 32 KiB as JSON
/// - no value nests more than 64 lists and objects, so that whatever is kept as JSON can be read again:
///   readers of JSON give up at some depth, `serde_json` at 128
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SessionData(BTreeMap<String, Value>);

/// Why a value cannot be kept or read.
#[derive(Debug, Error)]
pub enum DataError {
    /// The key is empty, too long, has control characters, or begins with `_`.
    #[error("a key has 1 to 128 characters, no control characters, and does not begin with _")]
    BadKey,
    /// The session would hold more than [`SessionData::MAX_BYTES`].
    #[error("a session holds at most 32 KiB")]
    TooLarge,
    /// A value nests more than [`SessionData::MAX_DEPTH`] lists and objects.
    #[error("a value nests at most 64 lists and objects")]
    TooDeep,
    /// The value is not of the type asked for, or not representable as JSON.
    #[error("the value under this key has another type")]
    WrongType(#[source] serde_json::Error),
}

impl SessionData {
    /// The most that a session holds, in bytes of JSON.
    pub const MAX_BYTES: usize = 32 * 1024;
    /// The most lists and objects that a value nests.
    pub const MAX_DEPTH: usize = 64;
    /// The longest key, in Unicode scalar values.
    pub const MAX_KEY_CHARS: usize = 128;
    /// Where flash messages wait; no application key begins with `_`.
    pub(crate) const FLASH: &str = "_flash";
    /// Where a sign-in waits for its second step.
    pub(crate) const PENDING: &str = "_pending";
    /// Where the seed of a second factor waits for its first code.
    pub(crate) const ENROLMENT: &str = "_enrolment";

    /// Values that a store kept.
    #[must_use]
    pub const fn from_stored(values: BTreeMap<String, Value>) -> Self {
        Self(values)
    }

    /// Every value, Kunci's own ones included, for a store.
    #[must_use]
    pub const fn as_map(&self) -> &BTreeMap<String, Value> {
        &self.0
    }

    /// The value under a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key)
    }

    /// The application's keys and values, in the order of the keys.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0
            .iter()
            .filter(|(key, _)| !key.starts_with('_'))
            .map(|(key, value)| (key.as_str(), value))
    }

    /// Whether nothing at all is kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Checks a key that an application wants to use.
    ///
    /// # Errors
    /// [`DataError::BadKey`].
    pub fn check_key(key: &str) -> Result<(), DataError> {
        let sized = (1..=Self::MAX_KEY_CHARS).contains(&key.chars().count());
        if sized && !key.starts_with('_') && !key.chars().any(char::is_control) {
            Ok(())
        } else {
            Err(DataError::BadKey)
        }
    }

    pub(crate) fn check_limits(&self) -> Result<(), DataError> {
        if !self.0.values().all(|value| nests_at_most(Self::MAX_DEPTH, value)) {
            return Err(DataError::TooDeep);
        }
        let mut room = Room(Self::MAX_BYTES);
        serde_json::to_writer(&mut room, &self.0).map_err(|_| DataError::TooLarge)
    }

    pub(crate) fn set(&mut self, key: &str, value: Value) {
        self.0.insert(key.to_owned(), value);
    }

    pub(crate) fn remove(&mut self, key: &str) {
        self.0.remove(key);
    }
}

fn nests_at_most(depth: usize, value: &Value) -> bool {
    let inside = |inner: &Value| nests_at_most(depth - 1, inner);
    match value {
        Value::Array(list) => 0 < depth && list.iter().all(inside),
        Value::Object(object) => 0 < depth && object.values().all(inside),
        _ => true,
    }
}

/// One thing that a request did to the values.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Change {
    Set(String, Value),
    Remove(String),
    Clear,
    /// Adds to the list under a key, which begins empty.
    Append(String, Value),
}

impl Change {
    pub(crate) fn apply(&self, data: &mut SessionData) {
        match self {
            Self::Set(key, value) => data.set(key, value.clone()),
            Self::Remove(key) => data.remove(key),
            Self::Clear => data.0.clear(),
            Self::Append(key, value) => match data.0.get_mut(key) {
                Some(Value::Array(list)) => list.push(value.clone()),
                _ => data.set(key, Value::Array(vec![value.clone()])),
            },
        }
    }
}

/// Counts what is written and fails when there is no room left, without keeping any of it.
struct Room(usize);

impl io::Write for Room {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self
            .0
            .checked_sub(bytes.len())
            .ok_or(io::ErrorKind::StorageFull)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
