//! The table of routes: which path and method is answered by what, and at what cost.

use std::fmt;
use std::sync::Arc;

use http::{HeaderValue, Method};
use thiserror::Error as ThisError;

use crate::errors::Error;
use crate::request::Request;
use crate::responses::Response;

/// Answers a request.
pub type Handler = Arc<dyn Fn(&mut Request) -> Result<Response, Error> + Send + Sync>;

/// How long answering may take, so that a transport can keep quick requests from waiting behind slow ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cost {
    /// It looks up what a store has at hand.
    Quick,
    /// It may wait: for a write to be durable, for a password to be hashed.
    MayBlock,
}

/// One method of one path.
#[derive(Clone)]
pub struct Route {
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) handler: Handler,
    pub(crate) cost: Cost,
    pub(crate) visit: Visit,
    /// The page on which a request to it is made: its own, for most, and none in a table without such a page.
    pub(crate) page: Option<&'static str>,
}

/// Whether a route has to do with the client's session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Visit {
    Session,
    Nobody,
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ({:?})", self.method, self.path, self.cost)
    }
}

impl Route {
    /// A route with a session; what changes something may block, what only looks is quick.
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
            visit: Visit::Session,
            page: Some(path),
        }
    }

    /// The same route with another cost.
    #[must_use]
    pub fn with_cost(self, cost: Cost) -> Self {
        Self { cost, ..self }
    }
}

/// Why a table of routes cannot be made.
#[derive(Debug, ThisError)]
pub enum RouteError {
    /// The path is malformed, or means the same as another one under other names.
    #[error("the route {path} cannot be added: {source}")]
    Path {
        /// The path.
        path: &'static str,
        /// What is wrong with it.
        source: matchit::InsertError,
    },
    /// The same method of the same path is there already.
    #[error("the route {0:?} is there already")]
    Repeated(Route),
    /// `HEAD` is answered by the route for `GET`, so that a route of its own would never be asked.
    #[error("the route {0:?} would never be asked: HEAD is answered as GET")]
    Head(Route),
}

/// What there is at one path.
#[derive(Debug, Clone)]
pub(crate) struct Resource {
    routes: Vec<Route>,
    allow: HeaderValue,
}

/// The table, ready for looking up.
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

/// Names of parts of a path, and what stands there.
pub(crate) type Params = Vec<(String, String)>;

impl Routes {
    pub(crate) fn new(routes: Vec<Route>) -> Result<Self, RouteError> {
        let all: Vec<_> = routes
            .iter()
            .map(|route| (route.method.clone(), route.path))
            .collect();
        let mut by_path: Vec<(&'static str, Vec<Route>)> = Vec::new();
        for mut route in routes {
            route.page = route.page.filter(|page| can_be_seen(page, &all));
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

    /// Every method of every path.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&Method, &'static str)> {
        self.all.iter().map(|(method, path)| (method, *path))
    }

    /// The route for a request; `HEAD` is answered as `GET`.
    pub(crate) fn find(&self, method: &Method, path: &str) -> Result<(&Route, Params), Error> {
        let found = self.router.at(path).map_err(|_| Error::NotFound)?;
        let asked = if method == Method::HEAD {
            &Method::GET
        } else {
            method
        };
        let route = found.value.routes.iter().find(|route| route.method == asked);
        let route = route.ok_or_else(|| Error::MethodNotAllowed(found.value.allow.clone()))?;
        let params = found
            .params
            .iter()
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect();
        Ok((route, params))
    }
}

/// Whether a browser may be led there: the path says all, and something answers `GET`.
fn can_be_seen(page: &str, all: &[(Method, &'static str)]) -> bool {
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
    // Methods consist of token characters, all of which may stand in a header.
    HeaderValue::try_from(methods.join(", ")).unwrap_or(HeaderValue::from_static(""))
}
