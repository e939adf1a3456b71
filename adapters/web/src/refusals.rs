//! Refusals in the form that the client asked for: a message, or for a page the way to what has to come first.
//!
//! Which status and code an error has is in `errors`.

use http::request::Parts;
use http::uri::PathAndQuery;
use http::{Method, StatusCode, Uri};
use kunci_maud::{ErrorPage, Link, LinkPage, error_page, link_page};
use serde_json::json;

use crate::errors::Error;
use crate::representation::Representation;
use crate::request::is_api;
use crate::responses::{self, Response};
use crate::return_to::ReturnTo;

/// What an answer needs to know of the request when the request itself is gone. It is made for every
/// request, so nothing in it is copied. It has no `Debug`, as an address may hold the token of a link.
pub(crate) struct Asked {
    pub(crate) representation: Representation,
    uri: Uri,
    pub(crate) method: Method,
    /// The page on which the request was made, once its route is known and if there is one to look at.
    pub(crate) page: Option<&'static str>,
}

impl Asked {
    pub(crate) fn of(parts: &Parts) -> Self {
        Self {
            representation: representation(parts),
            uri: parts.uri.clone(),
            method: parts.method.clone(),
            page: None,
        }
    }

    /// What was looked at, to come back to; for a form that was sent, the page on which it stands.
    fn page(&self) -> Option<ReturnTo> {
        let looked = matches!(self.method, Method::GET | Method::HEAD);
        let place = self.uri.path_and_query().map_or("/", PathAndQuery::as_str);
        let looked_at = looked.then(|| ReturnTo::parse(place, &[])).flatten();
        looked_at.or_else(|| self.page.map(ReturnTo::path))
    }
}

/// The API speaks JSON whatever it is asked.
pub(crate) fn representation(parts: &Parts) -> Representation {
    if is_api(parts) {
        Representation::Json
    } else {
        Representation::negotiate(&parts.headers)
    }
}

/// An error in the form that the client asked for.
pub(crate) fn refusal(error: &Error, asked: &Asked, viewer: Option<&str>) -> Response {
    let (status, code) = error.status_and_code();
    let message = error.to_string();
    let response = match asked.representation {
        Representation::Text => responses::text(message),
        Representation::Json => responses::json(&json!({"error": {"code": code, "message": message}})),
        Representation::Page => match way_on(error, asked) {
            Some(way) => return responses::redirect(&way),
            None => page(error, status, &message, viewer),
        },
    };
    responses::refused(error, response)
}

/// Where whoever sees pages is led instead of being refused.
fn way_on(error: &Error, asked: &Asked) -> Option<String> {
    match error {
        Error::NotSignedIn => Some(ReturnTo::carried_by(asked.page().as_ref(), "/login")),
        Error::CodeNotDue => Some("/login".to_owned()),
        Error::CodeNeeded => Some("/login/code".to_owned()),
        Error::ProofNeeded => Some(ReturnTo::carried_by(asked.page().as_ref(), "/account/confirm")),
        Error::SecondFactorNeeded => Some("/account/second-factor".to_owned()),
        Error::LinkInvites => Some("/register".to_owned()),
        _ => None,
    }
}

fn page(error: &Error, status: StatusCode, message: &str, viewer: Option<&str>) -> Response {
    let page = match error {
        Error::LinkDead => link_page(&LinkPage {
            link: Link::Dead,
            form_problem: None,
            viewer,
        }),
        _ => error_page(&ErrorPage {
            status: status.as_u16(),
            heading: heading(status),
            message,
            viewer,
            back_href: None,
        }),
    };
    responses::html(page)
}

fn heading(status: StatusCode) -> &'static str {
    match status {
        StatusCode::NOT_FOUND => "Page not found",
        StatusCode::FORBIDDEN => "Not allowed",
        StatusCode::SERVICE_UNAVAILABLE => "Not available right now",
        StatusCode::TOO_MANY_REQUESTS => "Too many attempts",
        status if status.is_server_error() => "Something went wrong",
        _ => "That did not work",
    }
}
