//! Error responses in the representation that the client asked for.
//!
//! For pages, some errors become a redirect to the step that has to come first, such as signing in.

use std::net::IpAddr;

use http::request::Parts;
use http::uri::PathAndQuery;
use http::{HeaderValue, Method, StatusCode, Uri};
use kunci_maud::{ErrorPage, Link, LinkPage, Secret, error_page, link_page};
use serde_json::json;
use tracing::span::EnteredSpan;

use crate::errors::Error;
use crate::kit::representation::Representation;
use crate::kit::request::is_api;
use crate::kit::responses::{self, Response};
use crate::kit::return_to::ReturnTo;
use crate::kit::routes::Route;

/// The parts of a request that an error response and the log need after the request itself has been consumed.
///
/// It is built for every request, so its parts are cheap to clone. It has no `Debug`, because the URI may
/// hold the token of a link.
pub(crate) struct RequestInfo<'r> {
    pub(crate) representation: Representation,
    uri: Uri,
    pub(crate) method: Method,
    /// Address of the client, as far as it is known.
    pub(crate) address: Option<IpAddr>,
    id: HeaderValue,
    route: Option<&'r Route>,
    /// The span of the request, if it was entered.
    span: Option<EnteredSpan>,
}

impl<'r> RequestInfo<'r> {
    pub(crate) fn of(
        parts: &Parts,
        address: Option<IpAddr>,
        id: HeaderValue,
        route: Option<&'r Route>,
    ) -> Self {
        Self {
            representation: representation(parts),
            uri: parts.uri.clone(),
            method: parts.method.clone(),
            address,
            id,
            route,
            span: None,
        }
    }

    /// Returns whether the client asks for something without changing it.
    pub(crate) fn is_read(&self) -> bool {
        matches!(self.method, Method::GET | Method::HEAD)
    }

    /// Enters the span of the request until the request ends.
    ///
    /// A read that succeeds logs nothing and enters none, because a span takes a tenth of its time. The path is
    /// that of the route, because the requested one and its query may contain a secret.
    pub(crate) fn enter_span(&mut self) {
        let span = || {
            tracing::error_span!(
                "request",
                id = self.id.to_str().unwrap_or_default(),
                address = self.address.map(display),
                method = self.route.map(|route| route.method.as_str()),
                path = self.route.map(|route| route.path),
            )
        };
        if self.span.is_none() {
            self.span = Some(span().entered());
        }
    }

    /// Returns the page to which the client can return: the requested page, or the page that contains the form.
    fn page(&self) -> Option<ReturnTo> {
        let target = self.uri.path_and_query().map_or("/", PathAndQuery::as_str);
        let requested = self.is_read().then(|| ReturnTo::parse(target, &[])).flatten();
        requested.or_else(|| Some(ReturnTo::path(self.route?.page?)))
    }
}

/// Returns the representation to answer in. The API always answers in JSON.
pub(crate) fn representation(parts: &Parts) -> Representation {
    if is_api(parts) {
        Representation::Json
    } else {
        Representation::negotiate(&parts.headers)
    }
}

/// Returns the response for an error.
pub(crate) fn refusal(error: &Error, info: &RequestInfo<'_>, viewer: Option<&str>) -> Response {
    let (status, code) = error.status_and_code();
    let message = error.to_string();
    let response = match info.representation {
        Representation::Text => responses::text(message),
        Representation::Json => responses::json(&json!({"error": {"code": code, "message": message}})),
        Representation::Page => match redirect_target(error, info) {
            Some(target) => return responses::redirect(&target),
            None => page(error, status, &message, viewer),
        },
    };
    responses::with_error(error, response)
}

/// Returns where a browser is redirected instead of getting an error page.
fn redirect_target(error: &Error, info: &RequestInfo<'_>) -> Option<String> {
    match error {
        Error::NotSignedIn => Some(ReturnTo::link_with(info.page().as_ref(), "/login")),
        Error::CodeNotExpected => Some("/login".to_owned()),
        Error::CodeNeeded => Some("/login/code".to_owned()),
        Error::ProofNeeded => Some(ReturnTo::link_with(info.page().as_ref(), "/account/confirm")),
        Error::SecondFactorNeeded => Some("/account/second-factor".to_owned()),
        Error::LinkIsInvitation => Some("/register".to_owned()),
        _ => None,
    }
}

fn page(error: &Error, status: StatusCode, message: &str, viewer: Option<&str>) -> Response {
    let page = match error {
        Error::LinkDead => link_page(&LinkPage {
            link: Link::Dead,
            token: Secret(""),
            other_user: None,
            form_problem: None,
            viewer,
        }),
        _ => error_page(&ErrorPage {
            status: status.as_u16(),
            heading: heading(error, status),
            message,
            viewer,
            back_href: None,
        }),
    };
    responses::html(page)
}

fn heading(error: &Error, status: StatusCode) -> &'static str {
    match status {
        _ if matches!(error, Error::CookieNeeded) => "Cookies are needed",
        StatusCode::NOT_FOUND => "Page not found",
        StatusCode::FORBIDDEN => "Not allowed",
        StatusCode::SERVICE_UNAVAILABLE => "Not available right now",
        StatusCode::TOO_MANY_REQUESTS => "Too many attempts",
        status if status.is_server_error() => "Something went wrong",
        _ => "That did not work",
    }
}
