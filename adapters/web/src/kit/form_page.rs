//! Pages with a form, and what follows if a form cannot be accepted.

use kunci_maud::Markup;

use crate::errors::{Error, capitalize};
use crate::kit::fields::{Fields, Key};
use crate::kit::representation::Representation;
use crate::kit::request::Request;
use crate::kit::responses::{Response, html, with_error};
use crate::kit::view::message_or_page;

/// Messages about what the user entered, each at a field or at the form as a whole.
#[derive(Debug, Default)]
pub(crate) struct Problems(Vec<(&'static str, String)>);

impl Problems {
    /// Name under which a message belongs to the form as a whole.
    const FORM: &str = "";

    /// Returns the message of an error, to be shown at a field.
    pub(crate) fn at(field: &'static str, error: &Error) -> Option<Self> {
        Some(Self::default().with(field, Some(error)))
    }

    /// Returns the message of an error, to be shown at the form as a whole.
    pub(crate) fn at_form(error: &Error) -> Option<Self> {
        Self::at(Self::FORM, error)
    }

    /// Adds a message at a field, if there is one. Its first letter is capitalized.
    pub(crate) fn with(mut self, field: &'static str, message: Option<impl ToString>) -> Self {
        let message = message.map(|message| capitalize(&message.to_string()));
        self.0.extend(message.map(|message| (field, message)));
        self
    }

    /// Returns the message at a field.
    pub(crate) fn of(&self, field: &str) -> Option<&str> {
        let mut all = self.0.iter();
        all.find(|(at, _)| *at == field)
            .map(|(_, message)| message.as_str())
    }

    /// Returns the message at the form as a whole.
    pub(crate) fn of_form(&self) -> Option<&str> {
        self.of(Self::FORM)
    }
}

/// A page with one or more forms.
pub(crate) struct FormPage {
    /// Fields of the form, which are also the keys of the JSON object in the API.
    pub(crate) keys: &'static [Key],
    /// Returns the messages for an error that the form shows, and `None` for other errors.
    pub(crate) problems: fn(&Error) -> Option<Problems>,
    /// Renders the page with the fields that the user sent, which are none at first.
    pub(crate) page: fn(&mut Request, &Fields, &Problems) -> Result<Markup, Error>,
}

impl FormPage {
    /// Returns the page before anything was sent.
    pub(crate) fn blank(&self, request: &mut Request) -> Result<Response, Error> {
        (self.page)(request, &Fields::none(), &Problems::default()).map(html)
    }

    /// Returns the page before anything was sent, or an instruction for programs.
    pub(crate) fn show(&self, request: &mut Request, instruction: &str) -> Result<Response, Error> {
        message_or_page(request, instruction, |request| self.blank(request))
    }

    /// Parses the fields and runs the action of a form.
    pub(crate) fn submit(
        &self,
        request: &mut Request,
        action: impl FnOnce(&mut Request, &Fields) -> Result<Response, Error>,
    ) -> Result<Response, Error> {
        let fields = request.fields(self.keys)?;
        let outcome = action(request, &fields);
        outcome.or_else(|error| self.redisplay(request, &fields, error))
    }

    /// Runs the action of a form that has only a button. The body is ignored.
    pub(crate) fn press(
        &self,
        request: &mut Request,
        action: impl FnOnce(&mut Request) -> Result<Response, Error>,
    ) -> Result<Response, Error> {
        let outcome = action(request);
        outcome.or_else(|error| self.redisplay(request, &Fields::none(), error))
    }

    fn redisplay(&self, request: &mut Request, fields: &Fields, error: Error) -> Result<Response, Error> {
        redisplay(request, error, self.problems, |request, problems| {
            (self.page)(request, fields, problems)
        })
    }
}

/// Shows a page again with the messages of an error and its status, if the page shows this error.
///
/// Every page shows the errors after which the user can send the same form again.
///
/// # Errors
/// Returns the other errors, and all errors of programs. [`refusal`](super::refusals::refusal) answers them with
/// a redirect or an error message.
pub(crate) fn redisplay(
    request: &mut Request,
    error: Error,
    problems: fn(&Error) -> Option<Problems>,
    page: impl FnOnce(&mut Request, &Problems) -> Result<Markup, Error>,
) -> Result<Response, Error> {
    let problems = match request.representation() {
        Representation::Page if error.is_temporary() => Problems::at_form(&error),
        Representation::Page => problems(&error),
        Representation::Text | Representation::Json => None,
    };
    match problems {
        Some(problems) => Ok(with_error(&error, html(page(request, &problems)?))),
        None => Err(error),
    }
}
