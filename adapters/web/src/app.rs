//! The pipeline from a request to its response.
//!
//! The steps are: route, cross-site check, whether the form was sent before, session cookie, session, handler,
//! commit, `Set-Cookie`, headers.
//! The lines that they log are in the span of the request, which exists once something can be logged.

mod sent_twice;

use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, Method, StatusCode, header};
use kunci_domain::ports::{Clock, StoreError};
use kunci_domain::use_cases::resume;
use kunci_domain::{Core, Device, OpenSession, RequestContext, Stage, UserId};

use crate::built_in;
use crate::client_address::ClientAddresses;
use crate::cross_site;
use crate::errors::{Error, chain};
use crate::headers::{HeaderSets, is_page};
use crate::kit::cookies::Presented;
use crate::kit::refusals::{RequestInfo, refusal};
use crate::kit::routes::{Params, Route, RouteError, Routes, SessionUse};
use crate::kit::{Representation, Request, Response};
use crate::request_id::{RequestIds, X_REQUEST_ID};
use crate::security_log::{OutcomeLog, log_acts};
use crate::sent_forms::{Answer, MAX_BYTES, SentForms, fill_in_ids};
use crate::settings::{AppState, Settings};

/// The web application: a function from requests to responses.
pub struct App {
    core: Arc<Core>,
    clock: Arc<dyn Clock>,
    settings: Arc<Settings>,
    clients: ClientAddresses,
    headers: HeaderSets,
    routes: Routes,
    ids: RequestIds,
    outcomes: OutcomeLog,
    forms: SentForms,
}

/// A route with its parameters, or why there is none.
type Found<'a> = Result<(&'a Route, Params), Error>;

/// What a handler returned.
struct Handled {
    answer: Answer,
    is_accepted: bool,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App")
            .field("core", &self.core)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl App {
    /// The maximum memory of the responses that are remembered for forms that are sent twice, in bytes.
    pub const SENT_FORMS_BYTES: usize = MAX_BYTES;

    /// Creates an app with Kunci's own routes and the application's `more` routes.
    ///
    /// # Errors
    /// [`RouteError`] if a route is invalid or conflicts with another.
    pub fn new(
        core: Arc<Core>,
        clock: Arc<dyn Clock>,
        settings: Settings,
        more: Vec<Route>,
    ) -> Result<Self, RouteError> {
        let mut table = built_in::routes();
        table.extend(more);
        Ok(Self {
            core,
            clock,
            clients: ClientAddresses::new(settings.trusted_proxies.clone(), settings.forwarded_header),
            headers: HeaderSets::new(&settings),
            routes: Routes::new(table)?,
            settings: Arc::new(settings),
            ids: RequestIds::default(),
            outcomes: OutcomeLog::default(),
            forms: SentForms::default(),
        })
    }

    /// Answers a request whose body has been read completely.
    ///
    /// The transport passes two values in the request's extensions: the peer's `std::net::SocketAddr`, and
    /// an `http::StatusCode` if it refuses the request and only needs the error response.
    /// If a handler panics, the response is 500 and the app keeps running.
    #[must_use]
    pub fn call(&self, request: http::Request<Bytes>) -> Response {
        let (parts, body) = request.into_parts();
        let id = self.ids.of(&parts, &self.settings.trusted_proxies);
        let found = self.routes.find(&parts.method, parts.uri.path());
        let route = found.as_ref().ok().map(|(route, _)| *route);
        let mut info = RequestInfo::of(&parts, self.clients.of(&parts), id.clone(), route);
        // No value that a panic could leave half-changed outlives the closure.
        let answer = catch_unwind(AssertUnwindSafe(|| self.answer(parts, body, found, &mut info)));
        let mut response = answer.unwrap_or_else(|_| {
            info.enter_span();
            tracing::error!("a handler panicked");
            refusal(&Error::Internal(None), &info, None)
        });
        if info.representation == Representation::Page && is_page(response.headers()) {
            fill_in_ids(&mut response, &self.ids.next());
        }
        self.headers.complete(response.headers_mut());
        response.headers_mut().insert(X_REQUEST_ID, id);
        if info.method == Method::HEAD {
            let length = HeaderValue::from(response.body().len());
            response.headers_mut().insert(header::CONTENT_LENGTH, length);
            *response.body_mut() = Bytes::new();
        }
        response
    }

    /// Returns whether the response may take long, because of the route's [`Cost`](crate::Cost) or because it
    /// needs stores that are remote.
    #[must_use]
    pub fn may_block(&self, method: &Method, path: &str) -> bool {
        self.routes
            .find(method, path)
            .is_ok_and(|(route, _)| route.may_block(self.settings.stores))
    }

    /// Returns whether the address belongs to a reverse proxy that the settings trust.
    #[must_use]
    pub fn is_proxy(&self, peer: IpAddr) -> bool {
        self.settings.trusted_proxies.trusts(Some(peer))
    }

    /// Returns the method and path of every route. A path has `{name}` for each parameter.
    pub fn routes(&self) -> impl Iterator<Item = (&Method, &'static str)> {
        self.routes.all()
    }

    /// Runs the handler of a request.
    fn handle(&self, parts: Parts, body: Bytes, found: Found<'_>, info: &mut RequestInfo<'_>) -> Handled {
        let opened = found.and_then(|(route, params)| {
            let session = self.session(&parts, info.address, route.session_use)?;
            let request = self.request(parts, body, params, session, info.representation);
            Ok((Arc::clone(&route.handler), request))
        });
        let (handler, mut request) = match opened {
            Ok(opened) => opened,
            Err(error) => {
                let mut response = self.refuse_early(&error, info);
                self.log_outcome(&mut response, None, info);
                return Handled {
                    answer: Answer {
                        response,
                        has_session: false,
                        notices: Vec::new(),
                    },
                    is_accepted: false,
                };
            }
        };
        let account = request.account();
        let outcome = handler(&mut request);
        request.renew_known_device(account);
        let outcome = outcome.and_then(|response| commit(&mut request, response));
        let is_accepted = outcome.as_ref().is_ok_and(is_accepted);
        log_failed_notices(&mut request.session);
        log_acts(request.session.take_acts());
        let mut response = outcome.unwrap_or_else(|error| refusal(&error, info, request.viewer()));
        self.log_outcome(&mut response, request.session.subject(), info);
        let cookies = self.settings.cookie.header(&request.session).into_iter();
        for cookie in cookies.chain(std::mem::take(&mut request.cookies)) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        Handled {
            answer: Answer {
                response,
                has_session: request.session.record().is_some(),
                notices: request.session.flashes(),
            },
            is_accepted,
        }
    }

    /// Returns the error response for a request that reached no handler.
    ///
    /// If the stored session is corrupt, the response removes the session cookie. Otherwise the client would
    /// get the same error until the session expires.
    fn refuse_early(&self, error: &Error, info: &RequestInfo<'_>) -> Response {
        let mut response = refusal(error, info, None);
        let unreadable = matches!(error, Error::Store(StoreError::Corrupt { .. }));
        if let Some(cookie) = self.settings.cookie.removal().filter(|_| unreadable) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        response
    }

    /// Logs the refusal or failure that a response is marked with, if it is.
    fn log_outcome(&self, response: &mut Response, account: Option<UserId>, info: &mut RequestInfo<'_>) {
        if OutcomeLog::concerns(response.extensions()) {
            info.enter_span();
            let now = self.clock.now();
            self.outcomes
                .log(response.extensions_mut(), account, info.address, now);
        }
    }

    /// Checks for errors of the transport and for cross-site requests, before any store is read.
    fn allowed<'a>(&self, found: Found<'a>, parts: &Parts) -> Found<'a> {
        if let Some(status) = parts.extensions.get::<StatusCode>() {
            return Err(Error::from_transport(*status));
        }
        let found = found?;
        let public = self.settings.public_origin.as_ref();
        if cross_site::is_allowed(&parts.method, &parts.headers, public, self.settings.is_https()) {
            Ok(found)
        } else {
            Err(Error::CrossSite)
        }
    }

    fn request(
        &self,
        parts: Parts,
        body: Bytes,
        params: Params,
        session: Box<OpenSession>,
        representation: Representation,
    ) -> Request {
        let state = AppState {
            core: Arc::clone(&self.core),
            settings: Arc::clone(&self.settings),
        };
        Request {
            parts,
            body,
            params,
            representation,
            session,
            state,
            cookies: Vec::new(),
        }
    }

    /// Opens the session of the client. If several cookies are valid, the first one with a sign-in counts, or
    /// else the first one with a session.
    fn session(
        &self,
        parts: &Parts,
        address: Option<IpAddr>,
        session_use: SessionUse,
    ) -> Result<Box<OpenSession>, Error> {
        if session_use != SessionUse::Loaded {
            return self.resume(parts, address, None);
        }
        let mut presented = self.settings.cookie.presented(&parts.headers);
        let mut session = self.resume(parts, address, presented.next())?;
        for presented in presented {
            if rank(&session) == Rank::SignIn {
                break;
            }
            let other = self.resume(parts, address, Some(presented))?;
            if rank(&session) < rank(&other) {
                session = other;
            }
        }
        Ok(session)
    }

    fn resume(
        &self,
        parts: &Parts,
        address: Option<IpAddr>,
        presented: Option<Presented>,
    ) -> Result<Box<OpenSession>, Error> {
        let outdated = presented.as_ref().is_some_and(|presented| presented.outdated);
        let token = presented.map(|presented| presented.token);
        let context = RequestContext::new(&self.core, device(parts, address), self.clock.now());
        let mut session = Box::new(resume(context, token)?);
        if outdated {
            session.renew();
        }
        Ok(session)
    }
}

fn device(parts: &Parts, address: Option<IpAddr>) -> Device {
    let agent = parts
        .headers
        .get(header::USER_AGENT)
        .and_then(|agent| agent.to_str().ok());
    Device::new(agent.unwrap_or_default(), address)
}

/// What a cookie is worth, in ascending order.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    NoSession,
    Session,
    SignIn,
}

fn rank(session: &OpenSession) -> Rank {
    match (session.stage(), session.record()) {
        (Stage::Visitor, None) => Rank::NoSession,
        (Stage::Visitor, Some(_)) => Rank::Session,
        _ => Rank::SignIn,
    }
}

fn is_accepted(response: &Response) -> bool {
    response.status().is_success() || response.status().is_redirection()
}

/// Logs the notices that could not be sent to the owner of the account.
fn log_failed_notices(session: &mut OpenSession) {
    for notice in session.take_failed_notices() {
        tracing::error!(cause = %chain(&notice), "{notice}");
    }
}

/// Commits the session changes of the handler before the client gets its response.
///
/// `HEAD` commits nothing, so notices stay until the user sees the page.
fn commit(request: &mut Request, response: Response) -> Result<Response, Error> {
    if request.parts.method != Method::HEAD {
        request.session.commit()?;
    }
    Ok(response)
}
