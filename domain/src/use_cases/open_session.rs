//! A client's session during one request: reads, changes and commits.
//!
//! Changes are collected and committed by compare-and-swap. If another request has committed first, they are
//! applied again to the fresh record, so that both survive. The web adapter turns [`OpenSession::cookie_action`]
//! into a cookie.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use thiserror::Error;

use super::Core;
use super::client_token::{ClientToken, CookieAction};
use super::draft::Draft;
use super::notify::NoticeError;
use super::request_context::RequestContext;
use super::throttled::Throttled;
use super::trail::Trail;
use crate::ports::{EntropyError, StoreError};
use crate::session::Session;
use crate::session_data::{Change, DataError, SessionData};
use crate::session_policy::Permanence;
use crate::stage::Stage;
use crate::time::Timestamp;
use crate::token::SessionToken;

/// The session of the client that makes a request. Most visitors have none, and none is created until there
/// is something to keep.
#[derive(Debug)]
pub struct OpenSession {
    pub(super) context: RequestContext,
    pub(super) draft: Draft,
    pub(super) stage: Stage,
    pub(super) token: ClientToken,
    /// Failures to record an event or to notify an account owner.
    pub(super) failed_notices: Vec<NoticeError>,
    pub(super) trail: Trail,
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
    /// Visitors store too much at present. Nothing was stored.
    #[error(transparent)]
    Throttled(#[from] Throttled),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No token could be generated.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
}

impl OpenSession {
    pub(super) fn new(context: RequestContext) -> Self {
        Self {
            context,
            draft: Draft::default(),
            stage: Stage::Visitor,
            token: ClientToken::None,
            failed_notices: Vec::new(),
            trail: Trail::default(),
        }
    }

    /// Returns the record as it was read or last committed.
    #[must_use]
    pub const fn record(&self) -> Option<&Session> {
        self.draft.record()
    }

    /// Returns the time of this request.
    #[must_use]
    pub const fn now(&self) -> Timestamp {
        self.context.now
    }

    /// Returns the ports and the operator's settings.
    pub(super) fn core(&self) -> &Core {
        &self.context.core
    }

    /// Returns the values, including the uncommitted changes of this request.
    #[must_use]
    pub fn data(&self) -> &SessionData {
        self.draft.data()
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
        self.draft.change(Change::Set(key.to_owned(), value))
    }

    /// Removes a value and returns it.
    ///
    /// # Errors
    /// [`DataError::WrongType`] if the value has another type; it is then not removed.
    pub fn remove<T: DeserializeOwned>(&mut self, key: &str) -> Result<Option<T>, DataError> {
        let value = self.get(key)?;
        if self.contains(key) {
            self.draft.change(Change::Remove(key.to_owned()))?;
        }
        Ok(value)
    }

    /// Removes all values. The user stays signed in.
    pub fn clear(&mut self) {
        // Removing values never exceeds a limit.
        let _ = self.draft.change(Change::Clear);
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
        self.write(|session| {
            let value = f(session.data.get(key).map(decode).transpose()?);
            session.data.set(key, encode(&value)?);
            result = Some(value);
            Ok(())
        })?;
        result.ok_or(SessionError::Ended)
    }

    /// Adds a message for the next page that this client sees; see [`Notices`](crate::Notices) for the limits.
    pub fn flash(&mut self, message: &str) {
        // Notices do not count towards the limits of the values.
        let _ = self.draft.change(Change::AddNotice(message.to_owned()));
    }

    /// Returns the messages, oldest first.
    #[must_use]
    pub fn flashes(&self) -> Vec<String> {
        self.draft.notices().iter().map(str::to_owned).collect()
    }

    /// Removes and returns the messages, oldest first.
    pub fn take_flashes(&mut self) -> Vec<String> {
        let messages = self.flashes();
        if !messages.is_empty() {
            let _ = self.draft.change(Change::ClearNotices);
        }
        messages
    }

    /// Sets whether the session survives closing the browser, and thereby its lifetime.
    pub const fn set_permanent(&mut self, permanence: Permanence) {
        self.draft.set_permanence(permanence);
    }

    /// Returns whether there are changes to commit.
    #[must_use]
    pub fn is_changed(&self) -> bool {
        self.draft.is_changed()
    }

    /// Writes the changes of the request. If there is no session yet and there is something to keep, this
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
        self.token.issue_again();
    }

    /// Returns how the client's cookie must change.
    #[must_use]
    pub fn cookie_action(&self) -> CookieAction<'_> {
        self.token.cookie_action(self.record(), self.now())
    }

    pub(super) fn mark_ended(&mut self) -> SessionError {
        self.forget();
        SessionError::Ended
    }

    /// Discards all state of the session.
    pub(super) fn forget(&mut self) {
        self.draft = Draft::default();
        self.stage = Stage::Visitor;
        self.token = ClientToken::None;
    }

    /// Discards all state of the session and removes the client's token.
    pub(super) fn sign_out_here(&mut self) {
        self.forget();
        self.token = ClientToken::Removed;
    }

    /// Replaces the record and the token, and sends the token to the client.
    pub(super) fn replace_token(&mut self, token: SessionToken, record: Session) {
        self.token = ClientToken::Issued(token);
        self.draft = Draft::of(record);
    }
}

fn encode(value: impl Serialize) -> Result<Value, DataError> {
    serde_json::to_value(value).map_err(DataError::WrongType)
}

fn decode<T: DeserializeOwned>(value: &Value) -> Result<T, DataError> {
    T::deserialize(value).map_err(DataError::WrongType)
}
