//! What a handler sees of a request: the message, the session, and in which form to answer.

use std::fmt;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Uri};
use kunci_domain::{OpenSession, Role, Timestamp, User};
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::cookies::{Devices, LinkCookie};
use crate::errors::Error;
use crate::fields::{Fields, Key};
use crate::forms::{Form, FormError, percent_signs_are_whole};
use crate::json_body::{self, JsonError};
use crate::representation::Representation;
use crate::settings::Surroundings;

/// A request on its way through a handler.
///
/// Its `Debug` leaves out whatever may hold a secret: the query, the header fields and the body.
pub struct Request {
    pub(crate) parts: Parts,
    pub(crate) body: Bytes,
    pub(crate) params: Vec<(String, String)>,
    pub(crate) representation: Representation,
    /// Boxed, as it is large, and the request is handed on several times.
    pub(crate) session: Box<OpenSession>,
    pub(crate) around: Surroundings,
    /// Cookies beside the session's that the client is told with the answer.
    pub(crate) cookies: Vec<HeaderValue>,
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
    pub fn now(&self) -> Timestamp {
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
    pub fn session(&mut self) -> &mut OpenSession {
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
    /// [`Error::SecondFactorNeeded`]: 403, or for a page the way to setting one up.
    pub fn require_user(&self) -> Result<&User, Error> {
        self.user().ok_or_else(|| {
            if self.session.enrolling().is_some() {
                Error::SecondFactorNeeded
            } else {
                Error::NotSignedIn
            }
        })
    }

    /// Who is signed in, for an act that asks for a fresh proof of it.
    ///
    /// # Errors
    /// As [`Request::require_user`], and [`Error::ProofNeeded`]: 403, or for a page the way to the proof and back.
    pub fn fresh_user(&self) -> Result<&User, Error> {
        self.require_user()?;
        Ok(self.session.fresh_account()?)
    }

    /// Whose account it is, for an act that asks for a fresh proof and is also for who has yet to set up a
    /// second factor.
    pub(crate) fn fresh_account(&self) -> Result<&User, Error> {
        Ok(self.session.fresh_account()?)
    }

    /// The administrator who is signed in, for an act that asks for a fresh proof of it.
    ///
    /// # Errors
    /// As [`Request::fresh_user`], and [`Error::NotAdministrator`]: 403.
    pub fn fresh_administrator(&self) -> Result<&User, Error> {
        self.require_user()?;
        Ok(self.session.fresh_administrator()?)
    }

    /// Has people prove who they are before they fill a form in, rather than after.
    pub(crate) fn prove_before_form(&self) -> Result<(), Error> {
        if self.representation == Representation::Page {
            self.session.fresh_account()?;
        }
        Ok(())
    }

    /// Whose account it is, for a handler that is also for who has yet to set up a second factor.
    pub(crate) fn require_account(&self) -> Result<&User, Error> {
        self.session.account().ok_or(Error::NotSignedIn)
    }

    /// Who is signed in, for a handler that is for administrators only.
    ///
    /// # Errors
    /// [`Error::NotSignedIn`], or for everybody else [`Error::NotAdministrator`]: 403.
    pub fn require_administrator(&self) -> Result<&User, Error> {
        let user = self.require_user()?;
        if user.role == Role::Administrator {
            Ok(user)
        } else {
            Err(Error::NotAdministrator)
        }
    }

    /// The name to greet somebody by.
    pub(crate) fn viewer(&self) -> Option<&str> {
        self.user().map(|user| user.name.as_str())
    }

    /// Whether it is for the API, which takes and gives JSON only.
    pub(crate) fn is_api(&self) -> bool {
        is_api(&self.parts)
    }

    /// The body's fields, as a form or, for the API, as JSON with these keys.
    pub(crate) fn fields(&self, keys: &[Key]) -> Result<Fields, Error> {
        Fields::of(self, keys)
    }

    /// What the client brought along from earlier sign-ins.
    pub(crate) fn devices(&self) -> Devices {
        Devices::of(&self.around.settings, &self.parts.headers)
    }

    /// The cookie that carries the token of a link.
    pub(crate) fn link_cookie(&self) -> LinkCookie {
        LinkCookie {
            https: self.around.settings.is_https(),
        }
    }

    /// Has the client told a cookie with the answer.
    pub(crate) fn tell(&mut self, cookie: Option<HeaderValue>) {
        self.cookies.extend(cookie);
    }

    /// Has the client remember that whoever is signed in now has signed in on it.
    ///
    /// It is a courtesy for later; when no id can be had, the sign-in is none the worse.
    pub(crate) fn remember_device(&mut self) {
        let Some(user) = self.session.account().map(|user| user.id) else {
            return;
        };
        let cookie = self.devices().remembering(user, &*self.around.core.entropy);
        self.tell(cookie.ok().flatten());
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

/// The API speaks JSON whatever it is asked.
pub(crate) fn is_api(parts: &Parts) -> bool {
    parts.uri.path().starts_with("/api/")
}
