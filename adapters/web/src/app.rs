//! From a request to its answer: route, source, cookie, session, handler, commit, cookie, headers.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, Method, StatusCode, header};
use kunci_domain::ports::{Clock, StoreError};
use kunci_domain::use_cases::resume;
use kunci_domain::{Core, Device, OpenSession};

use crate::built_in;
use crate::client_address::ClientAddresses;
use crate::cross_site;
use crate::errors::{Error, chain};
use crate::headers::HeaderSets;
use crate::refusals::{Asked, refusal};
use crate::representation::Representation;
use crate::request::Request;
use crate::responses::Response;
use crate::routes::{self, Cost, Params, Route, RouteError, Routes, Visit};
use crate::settings::{Settings, Surroundings};

/// The web side as a whole: a function from requests to answers.
pub struct App {
    core: Arc<Core>,
    clock: Arc<dyn Clock>,
    settings: Arc<Settings>,
    clients: ClientAddresses,
    headers: HeaderSets,
    routes: Routes,
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
    /// An app with Kunci's own routes and `more` of the application's.
    ///
    /// # Errors
    /// [`RouteError`], when a route stands in the way of another.
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
            clients: ClientAddresses::new(settings.trusted_proxies.clone()),
            headers: HeaderSets::new(settings.is_https(), &settings.redirect_hosts),
            routes: Routes::new(table)?,
            settings: Arc::new(settings),
        })
    }

    /// Answers a request whose body is whole.
    ///
    /// The peer's `std::net::SocketAddr` and, when the transport refuses the request and only wants
    /// the refusal written, an `http::StatusCode`, are taken from the request's extensions.
    /// A panic on the way becomes a 500; the app goes on.
    #[must_use]
    pub fn call(&self, request: http::Request<Bytes>) -> Response {
        let (parts, body) = request.into_parts();
        let mut asked = Asked::of(&parts);
        // Nothing that a panic could leave half-changed outlives the closure.
        let answer = catch_unwind(AssertUnwindSafe(|| self.answer(parts, body, &mut asked)));
        let mut response = answer.unwrap_or_else(|_| {
            tracing::error!("a handler panicked");
            refusal(&Error::Panicked, &asked, None)
        });
        self.headers.complete(response.headers_mut());
        if asked.method == Method::HEAD {
            let length = HeaderValue::from(response.body().len());
            response.headers_mut().insert(header::CONTENT_LENGTH, length);
            *response.body_mut() = Bytes::new();
        }
        response
    }

    /// Whether answering may take long; see [`Cost`].
    #[must_use]
    pub fn may_block(&self, method: &Method, path: &str) -> bool {
        self.routes
            .find(method, path)
            .is_ok_and(|(route, _)| route.cost == Cost::MayBlock)
    }

    /// Every route: its method, and its path with `{name}` where a part may be anything.
    pub fn routes(&self) -> impl Iterator<Item = (&Method, &'static str)> {
        self.routes.all()
    }

    fn answer(&self, parts: Parts, body: Bytes, asked: &mut Asked) -> Response {
        let opened = self.admit(&parts).and_then(|(route, params)| {
            asked.page = route.page;
            self.open(parts, body, route, params, asked.representation)
        });
        let (handler, mut request) = match opened {
            Ok(opened) => opened,
            Err(error) => return self.unopened(&error, asked),
        };
        let outcome = handler(&mut request);
        let outcome = outcome.and_then(|response| commit(&mut request, response));
        log_untold(&mut request.session);
        let mut response = outcome.unwrap_or_else(|error| refusal(&error, asked, request.viewer()));
        let cookies = self.settings.cookie.header(&request.session).into_iter();
        for cookie in cookies.chain(std::mem::take(&mut request.cookies)) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        response
    }

    /// The refusal of a request that no handler has seen.
    ///
    /// A record that cannot be read would refuse its client until it expires; without its cookie the
    /// client can begin anew.
    fn unopened(&self, error: &Error, asked: &Asked) -> Response {
        let mut response = refusal(error, asked, None);
        let unreadable = matches!(error, Error::Store(StoreError::Corrupt { .. }));
        if let Some(cookie) = self.settings.cookie.removal().filter(|_| unreadable) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        response
    }

    /// Whether there is something to do at all, before any store is asked.
    fn admit(&self, parts: &Parts) -> Result<(&Route, Params), Error> {
        if let Some(status) = parts.extensions.get::<StatusCode>() {
            return Err(Error::from_transport(*status));
        }
        let found = self.routes.find(&parts.method, parts.uri.path())?;
        let public = self.settings.public_origin.as_ref();
        if cross_site::is_allowed(&parts.method, &parts.headers, public, self.settings.is_https()) {
            Ok(found)
        } else {
            Err(Error::CrossSite)
        }
    }

    fn open(
        &self,
        parts: Parts,
        body: Bytes,
        route: &Route,
        params: Params,
        representation: Representation,
    ) -> Result<(routes::Handler, Request), Error> {
        let session = self.session(&parts, route.visit)?;
        let around = Surroundings {
            core: Arc::clone(&self.core),
            settings: Arc::clone(&self.settings),
        };
        Ok((
            Arc::clone(&route.handler),
            Request {
                parts,
                body,
                params,
                representation,
                session,
                around,
                cookies: Vec::new(),
            },
        ))
    }

    fn session(&self, parts: &Parts, visit: Visit) -> Result<Box<OpenSession>, Error> {
        let presented = match visit {
            Visit::Session => self
                .settings
                .cookie
                .read(&parts.headers)
                .map_err(|_| Error::AmbiguousCookie)?,
            Visit::Nobody => None,
        };
        let outdated = presented.as_ref().is_some_and(|presented| presented.outdated);
        let token = presented.map(|presented| presented.token);
        let mut session = Box::new(resume(&self.core, token, self.device(parts), self.clock.now())?);
        if outdated {
            session.renew();
        }
        Ok(session)
    }

    fn device(&self, parts: &Parts) -> Device {
        let agent = parts
            .headers
            .get(header::USER_AGENT)
            .and_then(|agent| agent.to_str().ok());
        Device::new(agent.unwrap_or_default(), self.clients.of(parts))
    }
}

/// What the owner of an account should have been told of and could not be.
fn log_untold(session: &mut OpenSession) {
    for notice in session.take_untold() {
        tracing::error!(cause = %chain(&notice), "{notice}");
    }
}

/// Commits what the handler changed, before the client gets its answer. Asking for the head of a page is
/// no look at it: messages that wait for the user stay.
fn commit(request: &mut Request, response: Response) -> Result<Response, Error> {
    if request.parts.method != Method::HEAD {
        request.session.commit()?;
    }
    Ok(response)
}
