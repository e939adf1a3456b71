//! `/login` and `POST /api/v1/session`: signing in with name and password. The second step is `enter_code`.

use kunci_domain::use_cases::{SignIn, SignedIn, sign_in};
use kunci_domain::{Password, Permanence};
use kunci_maud::{SignInPage, sign_in_page};
use serde_json::json;

use super::after_sign_in::{continue_to, finish_sign_in};
use crate::errors::Error;
use crate::kit::fields::{Fields, Key};
use crate::kit::representation::Representation;
use crate::kit::request::Request;
use crate::kit::responses::{Response, html, redirect, reply, with_error};
use crate::kit::return_to::ReturnTo;
use crate::kit::wire_types::UserView;

const KEYS: [Key; 3] = [
    Key::Text("username"),
    Key::Text("password"),
    Key::Choice("remember"),
];

pub(crate) fn show(request: &mut Request) -> Result<Response, Error> {
    let next = request.return_target(request.query("next").as_deref());
    let blank = FormValues {
        name: "",
        remember: true,
        next: next.as_ref(),
        problem: None,
        password_changed: request.query("changed").is_some(),
        address_confirmed: request.query("confirmed").is_some(),
    };
    Ok(reply(
        request,
        |request| match request.viewer() {
            Some(name) => format!("You are logged in as {name}"),
            None => "Send username and password as a form by POST".to_owned(),
        },
        |request| json!({"user": request.user().map(UserView::from)}),
        |request| match request.viewer() {
            Some(_) => continue_to(next.clone()),
            None => html(page(&blank)),
        },
    ))
}

pub(crate) fn submit(request: &mut Request) -> Result<Response, Error> {
    let fields = request.fields(&KEYS)?;
    let remember = remember(&fields)?;
    let name = fields.require("username")?;
    let password = Password::presented(fields.require("password")?.to_owned());
    let next = request.return_target(fields.get("next"));
    let devices = request.devices();
    let attempt = SignIn {
        name,
        password,
        permanence: Permanence::from_choice(remember),
        devices: &devices,
    };
    match sign_in(request.session(), attempt).map_err(Error::from) {
        Ok(SignedIn::Complete) => finish_sign_in(request, next),
        Ok(SignedIn::CodeNeeded) => code_needed(request, next.as_ref()),
        Err(error) if request.representation() == Representation::Page => redisplay(
            error,
            &FormValues {
                name,
                remember,
                next: next.as_ref(),
                problem: None,
                password_changed: false,
                address_confirmed: false,
            },
        ),
        Err(error) => Err(error),
    }
}

/// Redirects browsers to the second step.
///
/// # Errors
/// [`Error::CodeNeeded`] for programs, because the user is not signed in yet.
pub(super) fn code_needed(request: &Request, next: Option<&ReturnTo>) -> Result<Response, Error> {
    if request.representation() == Representation::Page {
        Ok(redirect(&ReturnTo::link_with(next, "/login/code")))
    } else {
        Err(Error::CodeNeeded)
    }
}

/// Returns whether to keep the user signed in.
///
/// Browsers do not send a checkbox that is not ticked, so the form of the page identifies itself with the
/// field `form`.
fn remember(fields: &Fields) -> Result<bool, Error> {
    fields.choice("remember", fields.get("form") != Some("page"))
}

/// Shows the form again with the values that the user entered, without the password.
fn redisplay(error: Error, values: &FormValues<'_>) -> Result<Response, Error> {
    if !matches!(error, Error::WrongCredentials) && !error.is_temporary() {
        return Err(error);
    }
    let problem = error.to_string();
    let values = FormValues {
        problem: Some(&problem),
        ..*values
    };
    Ok(with_error(&error, html(page(&values))))
}

struct FormValues<'a> {
    name: &'a str,
    remember: bool,
    next: Option<&'a ReturnTo>,
    problem: Option<&'a str>,
    password_changed: bool,
    address_confirmed: bool,
}

fn page(values: &FormValues<'_>) -> kunci_maud::Markup {
    sign_in_page(&SignInPage {
        name: values.name,
        next: values.next.map(ReturnTo::as_str),
        remember: values.remember,
        problem: values.problem,
        password_changed: values.password_changed,
        address_confirmed: values.address_confirmed,
        sign_up_href: &ReturnTo::link_with(values.next, "/register"),
        viewer: None,
    })
}
