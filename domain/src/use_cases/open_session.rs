//! A client's session during one request: reads, changes and commits.
//!
//! Changes are collected and committed by compare-and-swap. If another request has committed first, they are
//! applied again to the fresh record, so that both survive. The web adapter turns [`OpenSession::cookie_action`]
//! into a cookie.

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

/// The session of the client that makes a request. Most visitors have none, and none is created until there
/// is something to keep.
#[derive(Debug)]
pub struct OpenSession {
    pub(super) core: Arc<Core>,
    pub(super) now: Timestamp,
    pub(super) device: Device,
    pub(super) token: Option<SessionToken>,
    pub(super) record: Option<Session>,
    pub(super) user: Option<User>,
    /// The user who must set up a second factor first; `None` if `user` is set.
    pub(super) enrolling: Option<User>,
    /// Failures to record an event or to notify an account owner.
    pub(super) failed_notices: Vec<NoticeError>,
    pub(super) token_change: TokenChange,
    /// The changes of this request, in order. If there are none, `view` is unused.
    pub(super) changes: Vec<Change>,
    /// The values of the record with the changes applied.
    pub(super) view: SessionData,
    pub(super) permanence: Option<Permanence>,
}

/// What happens to the client's token when the request ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenChange {
    Keep,
    Issue,
    Remove,
}

/// The change to the client's cookie: see [`OpenSession::cookie_action`].
#[derive(Debug, PartialEq, Eq)]
pub enum CookieAction<'s> {
    /// No change.
    Keep,
    /// Set the cookie to this token.
    Issue {
        /// The token.
        token: &'s SessionToken,
        /// Time until the session expires, or `None` for a cookie that ends with the browser.
        max_age: Option<Duration>,
    },
    /// Remove the cookie.
    Remove,
}

/// Why a session could not be changed.
#[derive(Debug, Error)]
pub enum SessionError {
    /// The session ended during the request: its user signed out, or it expired. Nothing was stored.
    #[error("the session has ended")]
    Ended,
    /// A key or value was not accepted.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No token could be generated.
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
            failed_notices: Vec::new(),
            token_change: TokenChange::Keep,
            changes: Vec::new(),
            view: SessionData::default(),
            permanence: None,
        }
    }

    /// Returns the signed-in user, who has every factor that the operator requires.
    #[must_use]
    pub const fn user(&self) -> Option<&User> {
        self.user.as_ref()
    }

    /// Returns the record as it was read or last committed.
    #[must_use]
    pub const fn record(&self) -> Option<&Session> {
        self.record.as_ref()
    }

    /// Returns the time of this request.
    #[must_use]
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// Returns the values, including the uncommitted changes of this request.
    #[must_use]
    pub fn data(&self) -> &SessionData {
        match &self.record {
            Some(record) if self.changes.is_empty() => &record.data,
            _ => &self.view,
        }
    }

    /// Returns the value of a key.
    ///
    /// # Errors
    /// [`DataError::WrongType`] if the value has another type.
    pub fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, DataError> {
        self.data().get(key).map(decode).transpose()
    }

    /// Returns whether a key has a value.
    #[must_use]
    pub fn contains(&self, key: &str) -> bool {
        self.data().get(key).is_some()
    }

    /// Sets the value of a key; it is committed with the request.
    ///
    /// # Errors
    /// [`DataError`] if the key or the value is not accepted.
    pub fn insert(&mut self, key: &str, value: impl Serialize) -> Result<(), DataError> {
        SessionData::check_key(key)?;
        let value = encode(value)?;
        self.change(Change::Set(key.to_owned(), value))
    }

    /// Removes a value and returns it.
    ///
    /// # Errors
    /// [`DataError::WrongType`] if the value has another type; it is then not removed.
    pub fn remove<T: DeserializeOwned>(&mut self, key: &str) -> Result<Option<T>, DataError> {
        let value = self.get(key)?;
        if self.contains(key) {
            self.change(Change::Remove(key.to_owned()))?;
        }
        Ok(value)
    }

    /// Removes all values. The user stays signed in.
    pub fn clear(&mut self) {
        // Removing values never exceeds a limit.
        let _ = self.change(Change::Clear);
    }

    /// Replaces a value by a function of the old one, commits all changes so far at once, and returns the new
    /// value.
    ///
    /// `f` may run several times: if another request has committed first, it runs again with the fresh value.
    ///
    /// # Errors
    /// Any [`SessionError`]; nothing is then changed.
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

    /// Adds a message for the next page that this client sees.
    ///
    /// # Errors
    /// [`DataError::TooLarge`].
    pub fn flash(&mut self, message: &str) -> Result<(), DataError> {
        self.change(Change::Append(SessionData::FLASH.to_owned(), message.into()))
    }

    /// Removes and returns the messages, oldest first.
    pub fn take_flashes(&mut self) -> Vec<String> {
        let messages = self.get(SessionData::FLASH).ok().flatten().unwrap_or_default();
        if self.contains(SessionData::FLASH) {
            // Removing values never exceeds a limit.
            let _ = self.change(Change::Remove(SessionData::FLASH.to_owned()));
        }
        messages
    }

    /// Sets whether the session survives closing the browser, and thereby its lifetime.
    pub const fn set_permanent(&mut self, permanence: Permanence) {
        self.permanence = Some(permanence);
    }

    /// Returns whether there are changes to commit.
    #[must_use]
    pub fn is_changed(&self) -> bool {
        !self.changes.is_empty() || self.permanence.is_some()
    }

    /// Writes the changes of the request. If there is no session yet and there are values to keep, this
    /// creates one.
    ///
    /// # Errors
    /// Any [`SessionError`]; nothing is then changed.
    pub fn commit(&mut self) -> Result<(), SessionError> {
        if self.is_changed() {
            self.write(|_| Ok(()))
        } else {
            Ok(())
        }
    }

    /// Sends the token to the client again, for example because its present form is being retired.
    pub fn renew(&mut self) {
        if self.record.is_some() && self.token_change == TokenChange::Keep {
            self.token_change = TokenChange::Issue;
        }
    }

    /// Returns how the client's cookie must change.
    #[must_use]
    pub fn cookie_action(&self) -> CookieAction<'_> {
        match (self.token_change, &self.token, &self.record) {
            (TokenChange::Issue, Some(token), Some(record)) => {
                let is_permanent = record.permanence.is_permanent();
                let max_age = is_permanent.then(|| record.expires_at().since(self.now));
                CookieAction::Issue { token, max_age }
            }
            (TokenChange::Remove, ..) => CookieAction::Remove,
            _ => CookieAction::Keep,
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

    pub(super) fn mark_ended(&mut self) -> SessionError {
        self.forget();
        SessionError::Ended
    }

    /// Discards all state of the session.
    pub(super) fn forget(&mut self) {
        self.token = None;
        self.record = None;
        self.user = None;
        self.enrolling = None;
        self.token_change = TokenChange::Keep;
        self.drop_changes();
    }

    /// Discards all state of the session and removes the client's token.
    pub(super) fn sign_out_here(&mut self) {
        self.forget();
        self.token_change = TokenChange::Remove;
    }

    pub(super) fn drop_changes(&mut self) {
        self.changes.clear();
        self.view = SessionData::default();
        self.permanence = None;
    }

    /// Replaces the record and the token, and sends the token to the client.
    pub(super) fn replace_token(&mut self, token: SessionToken, record: Session) {
        self.token = Some(token);
        self.token_change = TokenChange::Issue;
        self.set_record(record);
    }

    pub(super) fn set_record(&mut self, record: Session) {
        if self
            .permanence
            .is_some_and(|chosen| self.record.as_ref().is_some_and(|old| old.permanence != chosen))
        {
            self.token_change = TokenChange::Issue;
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
