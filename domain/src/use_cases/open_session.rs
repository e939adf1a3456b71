//! A client's session during one request: reading, changing, and committing what was changed.
//!
//! Changes are collected and committed by compare-and-swap; when another request was quicker they are
//! applied again to the fresh record, so that both survive. How the client learns of a new token is
//! the web adapter's affair: see [`OpenSession::handover`].

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use thiserror::Error;

use super::Core;
use super::notify::NoticeError;
use crate::ports::{EntropyError, StoreError};
use crate::session::{Device, Permanence, Session};
use crate::session_data::{Change, DataError, SessionData};
use crate::time::Timestamp;
use crate::token::SessionToken;
use crate::user::User;

/// The session of the client that makes a request; for most visitors there is none, and none is
/// made until something is to be kept.
#[derive(Debug)]
pub struct OpenSession {
    pub(super) core: Arc<Core>,
    pub(super) now: Timestamp,
    pub(super) device: Device,
    pub(super) token: Option<SessionToken>,
    pub(super) record: Option<Session>,
    pub(super) user: Option<User>,
    /// Who must set up a second factor first; never beside `user`.
    pub(super) enrolling: Option<User>,
    /// What could not be written down or told.
    pub(super) untold: Vec<NoticeError>,
    pub(super) told: Told,
    /// What this request did, in order; empty means that `view` is not in use.
    pub(super) changes: Vec<Change>,
    /// The record's values with the changes applied.
    pub(super) view: SessionData,
    pub(super) permanence: Option<Permanence>,
}

/// What the client must be told of its token when the request ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    Nothing,
    Token,
    Removal,
}

/// What the client must be told: see [`OpenSession::handover`].
#[derive(Debug, PartialEq, Eq)]
pub enum Handover<'s> {
    /// Nothing: it keeps what it has.
    Keep,
    /// To keep this token, for that long, or until it closes.
    Issue {
        /// The token.
        token: &'s SessionToken,
        /// Until the session would expire, when it outlives the browser.
        max_age: Option<Duration>,
    },
    /// To forget its token.
    Remove,
}

/// Why a session could not be changed.
#[derive(Debug, Error)]
pub enum SessionError {
    /// The session ended while the request ran: its user signed out, or it expired. Nothing was kept.
    #[error("the session has ended")]
    Ended,
    /// The values do not fit.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No token could be made.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
}

impl OpenSession {
    pub(super) fn new(core: &Arc<Core>, device: Device, now: Timestamp) -> Self {
        Self {
            core: Arc::clone(core),
            now,
            device,
            token: None,
            record: None,
            user: None,
            enrolling: None,
            untold: Vec::new(),
            told: Told::Nothing,
            changes: Vec::new(),
            view: SessionData::default(),
            permanence: None,
        }
    }

    /// Who is signed in, and has every factor that they need.
    #[must_use]
    pub const fn user(&self) -> Option<&User> {
        self.user.as_ref()
    }

    /// The record as it was read or last committed.
    #[must_use]
    pub const fn record(&self) -> Option<&Session> {
        self.record.as_ref()
    }

    /// The time that this request counts as now.
    #[must_use]
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// The values as this request sees them, its own changes included.
    #[must_use]
    pub fn data(&self) -> &SessionData {
        match &self.record {
            Some(record) if self.changes.is_empty() => &record.data,
            _ => &self.view,
        }
    }

    /// The value under a key.
    ///
    /// # Errors
    /// [`DataError::WrongType`] when there is one, but of another type.
    pub fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, DataError> {
        self.data().get(key).map(decode).transpose()
    }

    /// Whether there is a value under a key.
    #[must_use]
    pub fn contains(&self, key: &str) -> bool {
        self.data().get(key).is_some()
    }

    /// Puts a value under a key, to be committed with the request.
    ///
    /// # Errors
    /// [`DataError`], when the key or the value cannot be kept.
    pub fn insert(&mut self, key: &str, value: impl Serialize) -> Result<(), DataError> {
        SessionData::check_key(key)?;
        let value = encode(value)?;
        self.change(Change::Set(key.to_owned(), value))
    }

    /// Takes a value out and gives it back.
    ///
    /// # Errors
    /// [`DataError::WrongType`] when there is one, but of another type; it is not removed then.
    pub fn remove<T: DeserializeOwned>(&mut self, key: &str) -> Result<Option<T>, DataError> {
        let value = self.get(key)?;
        if self.contains(key) {
            self.change(Change::Remove(key.to_owned()))?;
        }
        Ok(value)
    }

    /// Takes out all values. Whoever is signed in stays signed in.
    pub fn clear(&mut self) {
        // Removing values makes a session smaller, so that it cannot fail to fit.
        let _ = self.change(Change::Clear);
    }

    /// Replaces a value by a function of the old one, commits everything so far at once, and gives back the new value.
    ///
    /// `f` may run several times: when another request was quicker, it is asked again with the fresh value.
    ///
    /// # Errors
    /// Any [`SessionError`]; then nothing was changed.
    pub fn update<T>(&mut self, key: &str, f: impl Fn(Option<T>) -> T) -> Result<T, SessionError>
    where
        T: Serialize + DeserializeOwned,
    {
        SessionData::check_key(key)?;
        let mut result = None;
        self.write(|data| {
            let value = f(data.get(key).map(decode).transpose()?);
            data.set(key, encode(&value)?);
            result = Some(value);
            Ok(())
        })?;
        result.ok_or(SessionError::Ended)
    }

    /// Leaves a message for the next page that this client sees.
    ///
    /// # Errors
    /// [`DataError::TooLarge`].
    pub fn flash(&mut self, message: &str) -> Result<(), DataError> {
        self.change(Change::Append(SessionData::FLASH.to_owned(), message.into()))
    }

    /// Takes out the messages that were left, oldest first.
    pub fn take_flashes(&mut self) -> Vec<String> {
        let messages = self.get(SessionData::FLASH).ok().flatten().unwrap_or_default();
        if self.contains(SessionData::FLASH) {
            // Removing values makes a session smaller, so that it cannot fail to fit.
            let _ = self.change(Change::Remove(SessionData::FLASH.to_owned()));
        }
        messages
    }

    /// Chooses whether the session outlives the browser, and with that its lifetime.
    pub const fn set_permanent(&mut self, permanence: Permanence) {
        self.permanence = Some(permanence);
    }

    /// Whether there is something to commit.
    #[must_use]
    pub fn is_changed(&self) -> bool {
        !self.changes.is_empty() || self.permanence.is_some()
    }

    /// Writes what the request changed. A session begins here, if values are to be kept and there was none.
    ///
    /// # Errors
    /// Any [`SessionError`]; then nothing was changed.
    pub fn commit(&mut self) -> Result<(), SessionError> {
        if self.is_changed() {
            self.write(|_| Ok(()))
        } else {
            Ok(())
        }
    }

    /// Has the client told its token once more, for instance because the old form of it is being retired.
    pub fn renew(&mut self) {
        if self.record.is_some() && self.told == Told::Nothing {
            self.told = Told::Token;
        }
    }

    /// What the client must be told of its token.
    #[must_use]
    pub fn handover(&self) -> Handover<'_> {
        match (self.told, &self.token, &self.record) {
            (Told::Token, Some(token), Some(record)) => {
                let lifelong = record.permanence.is_permanent();
                let max_age = lifelong.then(|| record.expires_at().since(self.now));
                Handover::Issue { token, max_age }
            }
            (Told::Removal, ..) => Handover::Remove,
            _ => Handover::Keep,
        }
    }

    pub(super) fn change(&mut self, change: Change) -> Result<(), DataError> {
        let mut view = self.data().clone();
        change.apply(&mut view);
        view.check_limits()?;
        self.view = view;
        self.changes.push(change);
        Ok(())
    }

    pub(super) fn ended(&mut self) -> SessionError {
        self.forget();
        SessionError::Ended
    }

    /// Drops all that is known of the session.
    pub(super) fn forget(&mut self) {
        self.token = None;
        self.record = None;
        self.user = None;
        self.enrolling = None;
        self.told = Told::Nothing;
        self.drop_changes();
    }

    /// Drops it, and has the client forget its token.
    pub(super) fn sign_out_here(&mut self) {
        self.forget();
        self.told = Told::Removal;
    }

    pub(super) fn drop_changes(&mut self) {
        self.changes.clear();
        self.view = SessionData::default();
        self.permanence = None;
    }

    /// Takes a new record under a new token, which the client has yet to be told.
    pub(super) fn hand_over(&mut self, token: SessionToken, record: Session) {
        self.token = Some(token);
        self.told = Told::Token;
        self.settle(record);
    }

    pub(super) fn settle(&mut self, record: Session) {
        if self
            .permanence
            .is_some_and(|chosen| self.record.as_ref().is_some_and(|old| old.permanence != chosen))
        {
            self.told = Told::Token;
        }
        self.record = Some(record);
        self.drop_changes();
    }
}

fn encode(value: impl Serialize) -> Result<Value, DataError> {
    serde_json::to_value(value).map_err(DataError::WrongType)
}

fn decode<T: DeserializeOwned>(value: &Value) -> Result<T, DataError> {
    T::deserialize(value).map_err(DataError::WrongType)
}
