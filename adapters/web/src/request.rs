//! What a handler sees of a request: the message, the session, and in which form to answer.

use std::fmt;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Method, Uri};
use kunci_domain::{OpenSession, Role, Timestamp, User};
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::errors::Error;
use crate::forms::{Form, FormError, percent_signs_are_whole};
use crate::json_body::{self, JsonError};
use crate::representation::Representation;

/// A request on its way through a handler.
///
/// Its `Debug` leaves out whatever may hold a secret: the query, the header fields and the body.
pub struct Request {
    pub(crate) parts: Parts,
    pub(crate) body: Bytes,
    pub(crate) params: Vec<(String, String)>,
    pub(crate) representation: Representation,
    pub(crate) session: OpenSession,
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.parts.method)
            .field("path", &self.parts.uri.path())
            .field("representation", &self.representation)
            .field("user", &self.user().map(|user| user.id))
            .finish_non_exhaustive()
    }
}

impl Request {
    /// The method.
    #[must_use]
    pub const fn method(&self) -> &Method {
        &self.parts.method
    }

    /// The address asked for.
    #[must_use]
    pub const fn uri(&self) -> &Uri {
        &self.parts.uri
    }

    /// The header fields.
    #[must_use]
    pub const fn headers(&self) -> &HeaderMap {
        &self.parts.headers
    }

    /// The body, at most as large as the transport lets through.
    #[must_use]
    pub const fn body(&self) -> &Bytes {
        &self.body
    }

    /// The form in which the client wants its answer.
    #[must_use]
    pub const fn representation(&self) -> Representation {
        self.representation
    }

    /// The time that this request counts as now.
    #[must_use]
    pub const fn now(&self) -> Timestamp {
        self.session.now()
    }

    /// The part of the path that stands for `{name}` in the route, decoded.
    ///
    /// # Errors
    /// [`Error::BadPath`] when it is not properly encoded UTF-8, or the route has no such part.
    pub fn param(&self, name: &str) -> Result<String, Error> {
        let raw = self
            .params
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str());
        let raw = raw
            .filter(|raw| percent_signs_are_whole(raw.as_bytes()))
            .ok_or(Error::BadPath)?;
        let decoded = percent_decode_str(raw).decode_utf8();
        decoded.map(|text| text.into_owned()).map_err(|_| Error::BadPath)
    }

    /// The body as a form.
    ///
    /// # Errors
    /// Any [`FormError`].
    pub fn form(&self) -> Result<Form, FormError> {
        Form::parse(&self.parts.headers, &self.body)
    }

    /// The body as JSON of a given shape.
    ///
    /// # Errors
    /// Any [`JsonError`].
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, JsonError> {
        json_body::parse(&self.parts.headers, &self.body)
    }

    /// The body as any JSON value.
    ///
    /// # Errors
    /// Any [`JsonError`].
    pub fn json_value(&self) -> Result<Value, JsonError> {
        json_body::parse_value(&self.parts.headers, &self.body)
    }

    /// The client's session. What is changed in it is committed when the handler gives back an answer,
    /// before the client gets it; when the handler gives back an error, nothing is changed.
    pub const fn session(&mut self) -> &mut OpenSession {
        &mut self.session
    }

    /// Who is signed in.
    #[must_use]
    pub const fn user(&self) -> Option<&User> {
        self.session.user()
    }

    /// Who is signed in, for a handler that is for users only.
    ///
    /// # Errors
    /// [`Error::NotSignedIn`]: 401, or for a page the way to the sign-in form and back.
    pub fn require_user(&self) -> Result<&User, Error> {
        self.user().ok_or(Error::NotSignedIn)
    }

    /// Who is signed in, for a handler that is for administrators only.
    ///
    /// # Errors
    /// [`Error::NotSignedIn`], or for everybody else 403.
    pub fn require_administrator(&self) -> Result<&User, Error> {
        let user = self.require_user()?;
        let forbidden = || {
            Error::refuse(
                http::StatusCode::FORBIDDEN,
                "forbidden",
                "This is for administrators only",
            )
        };
        if user.role == Role::Administrator {
            Ok(user)
        } else {
            Err(forbidden())
        }
    }

    /// The name to greet somebody by.
    pub(crate) fn viewer(&self) -> Option<&str> {
        self.user().map(|user| user.name.as_str())
    }

    /// A field of the query, if there is one that can be read.
    pub(crate) fn query(&self, name: &str) -> Option<String> {
        let query = self.parts.uri.query()?;
        Form::parse_pairs(query.as_bytes())
            .ok()?
            .get(name)
            .map(str::to_owned)
    }
}
