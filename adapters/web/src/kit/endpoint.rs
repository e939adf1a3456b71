//! Kunci's own routes. Each handler file declares its routes as data.

use http::Method;

use crate::errors::Error;
use crate::kit::representation::Representation;
use crate::kit::request::Request;
use crate::kit::responses::Response;
use crate::kit::routes::{Cost, Route, SessionUse};

/// Function that answers a request to an endpoint.
type Function = fn(&mut Request) -> Result<Response, Error>;

/// Who may use an endpoint. It is checked before the handler runs.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Access {
    /// Everyone.
    Anyone,
    /// Owners of a session, including users who must set up a second factor first.
    Account,
    /// As [`Access::Account`], with a recent re-authentication.
    FreshAccount,
    /// Signed-in users.
    User,
    /// Signed-in users. As a page, it requires a recent re-authentication, because it shows a form that
    /// requires one. Otherwise users would fill in the form and re-authenticate after sending it.
    UserBeforeForm,
    /// Signed-in users with a recent re-authentication.
    FreshUser,
    /// Administrators with a recent re-authentication.
    FreshAdministrator,
}

impl Access {
    fn check(self, request: &Request) -> Result<(), Error> {
        match self {
            Self::Anyone => return Ok(()),
            Self::Account => request.require_account(),
            Self::FreshAccount => request.fresh_account(),
            Self::UserBeforeForm if request.representation() == Representation::Page => request.fresh_user(),
            Self::User | Self::UserBeforeForm => request.require_user(),
            Self::FreshUser => request.fresh_user(),
            Self::FreshAdministrator => request.fresh_administrator(),
        }
        .map(drop)
    }
}

/// A handler for one method of one path.
pub(crate) struct Endpoint {
    method: &'static Method,
    path: &'static str,
    handler: Function,
    access: Access,
    /// `None` for the default of the method.
    cost: Option<Cost>,
    session_use: SessionUse,
    /// Path of the page from which clients send this request.
    page: &'static str,
}

impl Endpoint {
    const fn new(method: &'static Method, path: &'static str, access: Access, handler: Function) -> Self {
        Self {
            method,
            path,
            handler,
            access,
            cost: None,
            session_use: SessionUse::Loaded,
            page: path,
        }
    }

    pub(crate) const fn get(path: &'static str, access: Access, handler: Function) -> Self {
        Self::new(&Method::GET, path, access, handler)
    }

    pub(crate) const fn post(path: &'static str, access: Access, handler: Function) -> Self {
        Self::new(&Method::POST, path, access, handler)
    }

    pub(crate) const fn put(path: &'static str, access: Access, handler: Function) -> Self {
        Self::new(&Method::PUT, path, access, handler)
    }

    pub(crate) const fn delete(path: &'static str, access: Access, handler: Function) -> Self {
        Self::new(&Method::DELETE, path, access, handler)
    }

    /// Marks an endpoint that may block although it only reads, because it lists many records.
    pub(crate) const fn may_block(self) -> Self {
        let cost = Some(Cost::MayBlock);
        Self { cost, ..self }
    }

    /// Names the page from which clients send the request, if it is not the path itself.
    pub(crate) const fn on_page(self, page: &'static str) -> Self {
        Self { page, ..self }
    }

    /// Marks an endpoint that needs no session, whose handler calls the stores.
    pub(crate) const fn with_stores_only(self) -> Self {
        let session_use = SessionUse::StoresOnly;
        Self { session_use, ..self }
    }

    /// Marks an endpoint that needs neither a session nor the stores.
    pub(crate) const fn without_stores(self) -> Self {
        let session_use = SessionUse::Ignored;
        Self { session_use, ..self }
    }

    pub(crate) fn route(&self) -> Route {
        let (access, handler) = (self.access, self.handler);
        let route = Route::new(self.method.clone(), self.path, move |request: &mut Request| {
            access.check(request)?;
            handler(request)
        });
        Route {
            cost: self.cost.unwrap_or(route.cost),
            session_use: self.session_use,
            page: Some(self.page),
            ..route
        }
    }
}
