//! The request as handlers see it: the HTTP message, the session, and the representation to answer in.

use std::fmt;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Uri};
use kunci_domain::use_cases::Operator;
use kunci_domain::{
    Admission, Epoch, Interface, KnownDevices as _, OpenSession, Role, Timestamp, User, UserId,
};
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::errors::Error;
use crate::kit::cookies::{Devices, LinkCookie};
use crate::kit::fields::{Fields, Key};
use crate::kit::forms::{Form, FormError, percent_encoding_is_valid, query_value};
use crate::kit::json_body::{self, JsonError};
use crate::kit::representation::Representation;
use crate::kit::return_to::ReturnTo;
use crate::settings::AppState;

const BAD_PATH: Error = Error::BadRequest("The path is not properly encoded");

/// A request with its session.
///
/// Its `Debug` omits everything that may hold a secret: the query, the header fields and the body.
pub struct Request {
    pub(crate) parts: Parts,
    pub(crate) body: Bytes,
    pub(crate) params: Vec<(String, String)>,
    pub(crate) representation: Representation,
    /// Boxed, because it is large and the request is moved several times.
    pub(crate) session: Box<OpenSession>,
    pub(crate) state: AppState,
    /// `Set-Cookie` headers for the response, without that of the session.
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
    /// Returns the method.
    #[must_use]
    pub const fn method(&self) -> &Method {
        &self.parts.method
    }

    /// Returns the requested URI.
    #[must_use]
    pub const fn uri(&self) -> &Uri {
        &self.parts.uri
    }

    /// Returns the header fields.
    #[must_use]
    pub const fn headers(&self) -> &HeaderMap {
        &self.parts.headers
    }

    /// Returns the body. The transport limits its size.
    #[must_use]
    pub const fn body(&self) -> &Bytes {
        &self.body
    }

    /// Returns the representation that the client asked for.
    #[must_use]
    pub const fn representation(&self) -> Representation {
        self.representation
    }

    /// Returns the time of this request.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.session.now()
    }

    /// Returns the decoded path parameter `{name}`.
    ///
    /// # Errors
    /// [`Error::BadRequest`] if the value is not properly encoded UTF-8, or if the route has no such parameter.
    pub fn param(&self, name: &str) -> Result<String, Error> {
        let raw = self
            .params
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str());
        let raw = raw
            .filter(|raw| percent_encoding_is_valid(raw.as_bytes()))
            .ok_or(BAD_PATH)?;
        let decoded = percent_decode_str(raw).decode_utf8();
        decoded.map(|text| text.into_owned()).map_err(|_| BAD_PATH)
    }

    /// Parses the body as a form.
    ///
    /// # Errors
    /// Any [`FormError`].
    pub fn form(&self) -> Result<Form, FormError> {
        Form::parse(&self.parts.headers, &self.body)
    }

    /// Parses the body as JSON and deserializes it.
    ///
    /// # Errors
    /// Any [`JsonError`].
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, JsonError> {
        json_body::parse(&self.parts.headers, &self.body)
    }

    /// Parses the body as a JSON value.
    ///
    /// # Errors
    /// Any [`JsonError`].
    pub fn json_value(&self) -> Result<Value, JsonError> {
        json_body::parse_value(&self.parts.headers, &self.body)
    }

    /// Returns the client's session.
    ///
    /// If the handler returns a response, changes to the session are committed before the client gets it.
    /// If the handler returns an error, they are dropped.
    pub fn session(&mut self) -> &mut OpenSession {
        &mut self.session
    }

    /// Returns the signed-in user.
    #[must_use]
    pub const fn user(&self) -> Option<&Admission> {
        self.session.user()
    }

    /// Returns the signed-in user, for handlers that require one.
    ///
    /// # Errors
    /// [`Error::NotSignedIn`]: 401, or for a page a redirect to the sign-in form with a way back.
    /// [`Error::SecondFactorNeeded`]: 403, or for a page a redirect to the set-up of a second factor.
    pub fn require_user(&self) -> Result<&Admission, Error> {
        self.user().ok_or_else(|| {
            if self.session.enrolling().is_some() {
                Error::SecondFactorNeeded
            } else {
                Error::NotSignedIn
            }
        })
    }

    /// Returns the signed-in user, for actions that require a recent re-authentication.
    ///
    /// # Errors
    /// As [`Request::require_user`], and [`Error::ProofNeeded`]: 403, or for a page a redirect to
    /// `/account/confirm` with a way back.
    pub fn fresh_user(&self) -> Result<&Admission, Error> {
        self.require_user()?;
        Ok(self.session.fresh_account()?)
    }

    /// Returns the owner of the session, for actions that require a recent re-authentication.
    ///
    /// It also accepts users who must set up a second factor first.
    pub(crate) fn fresh_account(&self) -> Result<&Admission, Error> {
        Ok(self.session.fresh_account()?)
    }

    /// Returns the signed-in administrator, for actions that require a recent re-authentication.
    ///
    /// # Errors
    /// As [`Request::fresh_user`], and [`Error::NotAdministrator`]: 403.
    pub fn fresh_administrator(&self) -> Result<&Admission, Error> {
        self.require_user()?;
        Ok(self.session.fresh_administrator()?)
    }

    /// Returns the authority of the signed-in administrator, which administrative use cases require.
    ///
    /// # Errors
    /// As [`Request::fresh_administrator`].
    pub fn operator(&self) -> Result<Operator, Error> {
        self.require_user()?;
        let interface = if self.is_api() {
            Interface::Api
        } else {
            Interface::Page
        };
        Ok(self.session.operator(interface)?)
    }

    /// Returns the owner of the session, including users who must set up a second factor first.
    pub(crate) fn require_account(&self) -> Result<&Admission, Error> {
        self.session.account().ok_or(Error::NotSignedIn)
    }

    /// Reads the whole account of [`Request::require_account`].
    pub(crate) fn whole_account(&self) -> Result<User, Error> {
        self.session.read_account()?.ok_or(Error::NotSignedIn)
    }

    /// Returns the signed-in user, for handlers that require an administrator.
    ///
    /// # Errors
    /// [`Error::NotSignedIn`] without a user, [`Error::NotAdministrator`] (403) for any other user.
    pub fn require_administrator(&self) -> Result<&Admission, Error> {
        let user = self.require_user()?;
        if user.role == Role::Administrator {
            Ok(user)
        } else {
            Err(Error::NotAdministrator)
        }
    }

    /// Returns the name of the signed-in user.
    pub(crate) fn viewer(&self) -> Option<&str> {
        self.user().map(|user| user.name.as_str())
    }

    /// Returns whether this is an API request. The API accepts and returns JSON only.
    pub(crate) fn is_api(&self) -> bool {
        is_api(&self.parts)
    }

    /// Parses the fields of the body: a form or, for the API, a JSON object with these keys.
    pub(crate) fn fields(&self, keys: &[Key]) -> Result<Fields, Error> {
        let (headers, body) = (&self.parts.headers, &self.body);
        Ok(if self.is_api() {
            Fields::of_json(headers, body, keys)?
        } else {
            Fields::of_form(headers, body)?
        })
    }

    /// Returns the id of a record: the path parameter of an API route, or else the field `id` of the form.
    pub(crate) fn id(&self) -> Result<String, Error> {
        if self.is_api() {
            self.param("id")
        } else {
            Ok(self.form()?.require("id")?.to_owned())
        }
    }

    /// Returns the content of the device cookie.
    pub(crate) fn devices(&self) -> Devices {
        Devices::of(&self.state.settings, &self.parts.headers)
    }

    /// Returns the cookie that carries the token of a link.
    pub(crate) fn link_cookie(&self) -> LinkCookie<'_> {
        LinkCookie(&self.state.settings.cookie)
    }

    /// Adds a `Set-Cookie` header to the response.
    pub(crate) fn set_cookie(&mut self, cookie: Option<HeaderValue>) {
        self.cookies.extend(cookie);
    }

    /// Adds the owner of the session to the device cookie.
    ///
    /// The sign-in does not depend on this cookie. If no id can be generated, the cookie is omitted.
    pub(crate) fn remember_device(&mut self) {
        if let Some((user, epoch)) = self.account() {
            self.remember_device_of(user, epoch);
        }
    }

    /// Adds a user to the device cookie. The user has proved ownership of the account without signing in.
    pub(crate) fn remember_device_of(&mut self, user: UserId, epoch: Epoch) {
        let cookie = self.devices().updated_for(user, epoch, &*self.state.core.entropy);
        self.set_cookie(cookie.ok().flatten());
    }

    /// Returns the account of the session and its epoch.
    pub(crate) fn account(&self) -> Option<(UserId, Epoch)> {
        self.session.account().map(|user| (user.id, user.epoch))
    }

    /// Renews the device cookie if the handler took the account to another epoch, in which it would be void.
    pub(crate) fn renew_known_device(&mut self, before: Option<(UserId, Epoch)>) {
        let (Some((user, old)), Some((same_user, new))) = (before, self.account()) else {
            return;
        };
        if user == same_user && old != new && self.devices().knows(user, old) {
            self.remember_device_of(user, new);
        }
    }

    /// Returns where the client goes after signing in: the field `next` of the form, or of the query before the
    /// form is sent.
    ///
    /// A site on https does not redirect to plain http.
    pub(crate) fn next(&self, fields: &Fields) -> Option<ReturnTo> {
        let settings = &self.state.settings;
        let target = if matches!(self.parts.method, Method::GET | Method::HEAD) {
            self.query("next")
        } else {
            fields.get("next").map(str::to_owned)
        };
        let target = ReturnTo::parse(&target?, &settings.redirect_hosts)?;
        let downgrade = settings.is_https() && target.as_str().starts_with("http:");
        (!downgrade).then_some(target)
    }

    /// Returns a field of the query, or `None` if it is absent, repeated or malformed. Other fields are ignored.
    pub(crate) fn query(&self, name: &str) -> Option<String> {
        query_value(self.parts.uri.query()?, name)
    }
}

/// Returns whether the path belongs to the API.
pub(crate) fn is_api(parts: &Parts) -> bool {
    parts.uri.path().starts_with("/api/")
}
