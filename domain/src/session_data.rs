//! The values that an application keeps in a session, and the changes that a request makes to them.
//!
//! A request collects changes instead of writing all values back. If another request has committed first, the
//! changes are applied again to the fresh record.

use std::collections::BTreeMap;
use std::io;

use serde_json::Value;
use thiserror::Error;

use crate::notices::Notices;

/// The values of a session by key.
///
/// - a key has 1 to 128 characters and no control characters
/// - keys that begin with `_` are reserved
/// - the total size is at most 32 KiB as JSON
/// - a value nests at most 64 lists and objects, so that everything stored as JSON can be read again: JSON
///   readers have a depth limit, 128 in `serde_json`
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SessionData(BTreeMap<String, Value>);

/// Why a value cannot be stored or read.
#[derive(Debug, Error)]
pub enum DataError {
    /// The key is empty, too long, contains control characters, or begins with `_`.
    #[error("a key has 1 to 128 characters, no control characters, and does not begin with _")]
    BadKey,
    /// The session would hold more than [`SessionData::MAX_BYTES`].
    #[error("a session holds at most 32 KiB")]
    TooLarge,
    /// The value nests more than [`SessionData::MAX_DEPTH`] lists and objects.
    #[error("a value nests at most 64 lists and objects")]
    TooDeep,
    /// The value has another type than requested, or cannot be represented as JSON.
    #[error("the value under this key has a different type")]
    WrongType(#[source] serde_json::Error),
}

impl SessionData {
    /// Maximum total size in bytes of JSON.
    pub const MAX_BYTES: usize = 32 * 1024;
    /// Maximum nesting of lists and objects in a value.
    pub const MAX_DEPTH: usize = 64;
    /// Maximum length of a key in Unicode scalar values.
    pub const MAX_KEY_CHARS: usize = 128;
    /// Maximum total size in bytes of JSON of a visitor's values that follow when a user signs in.
    pub const MAX_INHERITED_BYTES: usize = 4 * 1024;
    /// Maximum number of a visitor's values that follow when a user signs in.
    pub const MAX_INHERITED_KEYS: usize = 16;

    /// Restores values from a store.
    #[must_use]
    pub const fn from_stored(values: BTreeMap<String, Value>) -> Self {
        Self(values)
    }

    /// Returns all values, for a store.
    #[must_use]
    pub const fn as_map(&self) -> &BTreeMap<String, Value> {
        &self.0
    }

    /// Returns the value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key)
    }

    /// Returns the keys and values in the order of the keys.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// Returns whether there are no values.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Checks a key of an application.
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

    /// Returns the values of a visitor that follow when a user signs in: all of them, or none if they exceed a
    /// limit. An earlier user of the browser may have chosen them.
    pub(crate) fn inheritable(&self) -> Self {
        let few = self.0.len() <= Self::MAX_INHERITED_KEYS;
        if few && self.fits(Self::MAX_INHERITED_BYTES) {
            self.clone()
        } else {
            Self::default()
        }
    }

    pub(crate) fn check_limits(&self) -> Result<(), DataError> {
        if !self.0.values().all(|value| nests_at_most(Self::MAX_DEPTH, value)) {
            return Err(DataError::TooDeep);
        }
        if self.fits(Self::MAX_BYTES) {
            Ok(())
        } else {
            Err(DataError::TooLarge)
        }
    }

    fn fits(&self, bytes: usize) -> bool {
        serde_json::to_writer(&mut ByteLimit(bytes), &self.0).is_ok()
    }

    /// Returns the size of all values as JSON, in bytes.
    pub(crate) fn json_bytes(&self) -> usize {
        serde_json::to_vec(&self.0).map_or(Self::MAX_BYTES, |json| json.len())
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

/// A change that a request makes to the values or notices of its session.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Change {
    Set(String, Value),
    Remove(String),
    Clear,
    AddNotice(String),
    ClearNotices,
}

impl Change {
    pub(crate) fn apply(&self, data: &mut SessionData, notices: &mut Notices) {
        match self {
            Self::Set(key, value) => data.set(key, value.clone()),
            Self::Remove(key) => data.remove(key),
            Self::Clear => data.0.clear(),
            Self::AddNotice(message) => notices.push(message),
            Self::ClearNotices => notices.clear(),
        }
    }
}

/// A writer that discards its input and fails once the remaining number of bytes is exceeded.
struct ByteLimit(usize);

impl io::Write for ByteLimit {
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
