//! Responses that render as text, as JSON or as a page.

use std::borrow::Cow;

use http::StatusCode;
use serde_json::{Value, json};

use crate::errors::Error;
use crate::kit::representation::Representation;
use crate::kit::request::Request;
use crate::kit::responses::{Response, json, redirect, status, text};

/// Content of a response in its three representations. Only the requested one is built.
pub(crate) struct View<T, J, P>
where
    T: FnOnce(&Request) -> String,
    J: FnOnce(&Request) -> Value,
    P: FnOnce(&mut Request) -> Result<Response, Error>,
{
    /// Returns the lines of text.
    pub(crate) text: T,
    /// Returns the JSON value.
    pub(crate) json: J,
    /// Returns the page, or redirects the browser.
    pub(crate) page: P,
}

impl<T, J, P> View<T, J, P>
where
    T: FnOnce(&Request) -> String,
    J: FnOnce(&Request) -> Value,
    P: FnOnce(&mut Request) -> Result<Response, Error>,
{
    /// Renders the representation that the client asked for.
    pub(crate) fn render(self, request: &mut Request) -> Result<Response, Error> {
        match request.representation() {
            Representation::Text => Ok(text((self.text)(request))),
            Representation::Json => Ok(json(&(self.json)(request))),
            Representation::Page => (self.page)(request),
        }
    }

    /// Renders as [`View::render`] does. The status is 201, unless the response is a redirect.
    pub(crate) fn render_created(self, request: &mut Request) -> Result<Response, Error> {
        let response = self.render(request)?;
        Ok(status_unless_redirect(StatusCode::CREATED, response))
    }
}

/// Returns a message for programs, as text or JSON, or else the page.
pub(crate) fn message_or_page(
    request: &mut Request,
    message: &str,
    page: impl FnOnce(&mut Request) -> Result<Response, Error>,
) -> Result<Response, Error> {
    View {
        text: |_| message.to_owned(),
        json: |_| json!({"message": message}),
        page,
    }
    .render(request)
}

/// Response to a completed action: a message for programs, and a redirect for browsers.
pub(crate) struct Done {
    message: &'static str,
    next: &'static str,
    status: StatusCode,
    notice: Option<Cow<'static, str>>,
}

impl Done {
    /// Creates the response with a message for programs and the path of the next page.
    pub(crate) const fn new(message: &'static str, next: &'static str) -> Self {
        Self {
            message,
            next,
            status: StatusCode::OK,
            notice: None,
        }
    }

    /// Sets the status for programs.
    pub(crate) fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// Shows a notice on the next page.
    pub(crate) fn with_notice(self, notice: impl Into<Cow<'static, str>>) -> Self {
        let notice = Some(notice.into());
        Self { notice, ..self }
    }

    pub(crate) fn answer(self, request: &mut Request) -> Result<Response, Error> {
        let response = message_or_page(request, self.message, |request| {
            if let Some(notice) = self.notice {
                request.session().flash(&notice);
            }
            Ok(redirect(self.next))
        })?;
        Ok(status_unless_redirect(self.status, response))
    }
}

fn status_unless_redirect(code: StatusCode, response: Response) -> Response {
    if response.status() == StatusCode::OK {
        status(code, response)
    } else {
        response
    }
}
