//! `/account/email` and its API routes: changing and confirming the email address.

use http::StatusCode;
use kunci_domain::EmailAddress;
use kunci_domain::use_cases::{change_address, resend_confirmation};
use kunci_maud::{EmailPage, email_page};
use serde_json::json;

use crate::errors::Error;
use crate::kit::fields::Key;
use crate::kit::representation::Representation;
use crate::kit::request::Request;
use crate::kit::responses::{
    Response, html, redirect, reply, reply_message, status_unless_redirect, with_error,
};

const KEYS: [Key; 1] = [Key::Text("email")];

pub(crate) fn show(request: &mut Request) -> Result<Response, Error> {
    let user = request.require_user()?.clone();
    request.reauthenticate_before_form()?;
    let confirmed = user.confirmed_address().is_some();
    let email = user.email.as_ref().map(EmailAddress::as_str);
    Ok(reply(
        request,
        |_| match (email, confirmed) {
            (Some(email), true) => format!("{email}, confirmed"),
            (Some(email), false) => format!("{email}, not confirmed"),
            (None, _) => "No address".to_owned(),
        },
        |_| json!({"email": email, "confirmed": confirmed}),
        |request| html(page(request, "", None)),
    ))
}

pub(crate) fn submit(request: &mut Request) -> Result<Response, Error> {
    request.fresh_user()?;
    let fields = request.fields(&KEYS)?;
    let email = fields.require("email")?;
    let outcome = change_address(&request.session, email).map_err(Error::from);
    finish(
        request,
        outcome,
        email,
        "An email is on its way to the new address",
    )
}

pub(crate) fn resend(request: &mut Request) -> Result<Response, Error> {
    request.require_user()?;
    let outcome = resend_confirmation(&request.session).map_err(Error::from);
    finish(request, outcome, "", "An email is on its way to your address")
}

fn finish(
    request: &mut Request,
    outcome: Result<(), Error>,
    email: &str,
    message: &str,
) -> Result<Response, Error> {
    match outcome {
        Ok(()) => {
            let answer = reply_message(request, message, |request| {
                // If the session is full, the notice is dropped.
                let _ = request.session().flash(&format!("{message}."));
                redirect("/account/email")
            });
            Ok(status_unless_redirect(StatusCode::ACCEPTED, answer))
        }
        Err(error) if request.representation() == Representation::Page && is_shown_in_form(&error) => {
            let page = page(request, email, Some(&error));
            Ok(with_error(&error, html(page)))
        }
        Err(error) => Err(error),
    }
}

const fn is_shown_in_form(error: &Error) -> bool {
    matches!(error, Error::BadAddress | Error::NothingToConfirm) || error.is_temporary()
}

fn page(request: &mut Request, new_email: &str, error: Option<&Error>) -> kunci_maud::Markup {
    let notices = request.session().take_flashes();
    let user = request.user();
    let problem = error.map(ToString::to_string);
    let of_field = matches!(error, Some(Error::BadAddress));
    email_page(&EmailPage {
        name: request.viewer().unwrap_or_default(),
        email: user
            .and_then(|user| user.email.as_ref())
            .map(EmailAddress::as_str),
        confirmed: user.is_some_and(|user| user.confirmed_address().is_some()),
        new_email,
        email_problem: problem.as_deref().filter(|_| of_field),
        form_problem: problem.as_deref().filter(|_| !of_field),
        notices: &notices,
    })
}
