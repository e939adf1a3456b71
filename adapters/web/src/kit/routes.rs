//! The route table: the handler and the cost of each path and method.

use std::fmt;
use std::sync::Arc;

use http::{HeaderValue, Method};
use thiserror::Error as ThisError;

use crate::errors::Error;
use crate::kit::request::Request;
use crate::kit::responses::Response;
use crate::store_locality::StoreLocality;

/// Function that answers a request.
pub type Handler = Arc<dyn Fn(&mut Request) -> Result<Response, Error> + Send + Sync>;

/// How long a response may take. A transport uses it to keep quick requests from waiting behind slow ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cost {
    /// Only reads a few records from a store. With remote stores, the response may nevertheless take long.
    Quick,
    /// May wait for a durable write or for a password hash.
    MayBlock,
}

/// A handler for one method of one path.
#[derive(Clone)]
pub struct Route {
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) handler: Handler,
    pub(crate) cost: Cost,
    pub(crate) session_use: SessionUse,
    /// Path of the page from which clients send this request. It is usually the path of the route itself, and
    /// `None` if no `GET` route serves it.
    pub(crate) page: Option<&'static str>,
}

/// Whether a route uses the client's session, and so needs the stores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SessionUse {
    /// The session is loaded before the handler runs.
    Loaded,
    /// No session is loaded, but the handler calls the stores.
    StoresOnly,
    /// Neither a session nor any other record is needed.
    Ignored,
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ({:?})", self.method, self.path, self.cost)
    }
}

impl Route {
    /// Creates a route with a session.
    ///
    /// `GET` is [`Cost::Quick`]; every other method is [`Cost::MayBlock`].
    pub fn new(
        method: Method,
        path: &'static str,
        handler: impl Fn(&mut Request) -> Result<Response, Error> + Send + Sync + 'static,
    ) -> Self {
        let cost = if matches!(method, Method::GET | Method::HEAD) {
            Cost::Quick
        } else {
            Cost::MayBlock
        };
        Self {
            method,
            path,
            handler: Arc::new(handler),
            cost,
            session_use: SessionUse::Loaded,
            page: Some(path),
        }
    }

    /// Returns the route with another cost.
    #[must_use]
    pub fn with_cost(self, cost: Cost) -> Self {
        Self { cost, ..self }
    }

    /// Returns whether the response may take long with these stores: either the route itself may block, or it
    /// needs stores that are remote.
    pub(crate) fn may_block(&self, stores: StoreLocality) -> bool {
        let waits_for_stores = stores == StoreLocality::Remote && self.session_use != SessionUse::Ignored;
        self.cost == Cost::MayBlock || waits_for_stores
    }
}

/// Why a route table cannot be built.
#[derive(Debug, ThisError)]
pub enum RouteError {
    /// The path is malformed, or differs from another path only in the names of its parameters.
    #[error("the route {path} cannot be added: {source}")]
    Path {
        /// The rejected path.
        path: &'static str,
        /// Why the router rejects it.
        source: matchit::InsertError,
    },
    /// The table already has a route for this method and path.
    #[error("the route {0:?} exists already")]
    Repeated(Route),
    /// The route is for `HEAD`, which the route for `GET` answers, so it would never be called.
    #[error("the route {0:?} would never be called: HEAD is answered as GET")]
    Head(Route),
}

/// All routes of one path.
#[derive(Debug, Clone)]
pub(crate) struct Resource {
    routes: Vec<Route>,
    allow: HeaderValue,
}

/// The route table, ready for look-ups.
#[derive(Clone)]
pub(crate) struct Routes {
    router: matchit::Router<Resource>,
    all: Vec<(Method, &'static str)>,
}

impl fmt::Debug for Routes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Routes(..)")
    }
}

/// Names and values of path parameters.
pub(crate) type Params = Vec<(String, String)>;

impl Routes {
    pub(crate) fn new(routes: Vec<Route>) -> Result<Self, RouteError> {
        let all: Vec<_> = routes
            .iter()
            .map(|route| (route.method.clone(), route.path))
            .collect();
        let mut by_path: Vec<(&'static str, Vec<Route>)> = Vec::new();
        for mut route in routes {
            route.page = route.page.filter(|page| is_page(page, &all));
            if route.method == Method::HEAD {
                return Err(RouteError::Head(route));
            }
            match by_path.iter_mut().find(|(path, _)| *path == route.path) {
                Some((_, there)) if there.iter().any(|other| other.method == route.method) => {
                    return Err(RouteError::Repeated(route));
                }
                Some((_, there)) => there.push(route),
                None => by_path.push((route.path, vec![route])),
            }
        }
        let mut router = matchit::Router::new();
        for (path, routes) in by_path {
            let resource = Resource {
                allow: allow(&routes),
                routes,
            };
            router
                .insert(path, resource)
                .map_err(|source| RouteError::Path { path, source })?;
        }
        Ok(Self { router, all })
    }

    /// Returns every method of every path.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&Method, &'static str)> {
        self.all.iter().map(|(method, path)| (method, *path))
    }

    /// Returns the route for a request. `HEAD` uses the route for `GET`.
    pub(crate) fn find(&self, method: &Method, path: &str) -> Result<(&Route, Params), Error> {
        let found = self.router.at(path).map_err(|_| Error::NotFound)?;
        let method = if method == Method::HEAD {
            &Method::GET
        } else {
            method
        };
        let route = found.value.routes.iter().find(|route| route.method == method);
        let route = route.ok_or_else(|| Error::MethodNotAllowed(found.value.allow.clone()))?;
        let params = found
            .params
            .iter()
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect();
        Ok((route, params))
    }
}

/// Returns whether a browser can be redirected to `page`: it has no parameters, and a route answers `GET`.
fn is_page(page: &str, all: &[(Method, &'static str)]) -> bool {
    !page.contains('{')
        && all
            .iter()
            .any(|(method, path)| method == Method::GET && *path == page)
}

fn allow(routes: &[Route]) -> HeaderValue {
    let mut methods: Vec<&str> = routes.iter().map(|route| route.method.as_str()).collect();
    if methods.contains(&"GET") {
        methods.push("HEAD");
    }
    // Methods consist of token characters, which are all valid in a header.
    HeaderValue::try_from(methods.join(", ")).unwrap_or(HeaderValue::from_static(""))
}
