//! `/login` and `POST /api/v1/session`: signing in with name and password. The second step is `enter_code`.

use kunci_domain::use_cases::{SignIn, SignedIn, sign_in};
use kunci_domain::{Password, Permanence};
use kunci_maud::{Markup, SignInPage, sign_in_page};
use serde_json::json;

use super::after_sign_in::{continue_to, finish_sign_in};
use crate::errors::Error;
use crate::kit::{
    Access, Endpoint, Fields, FormPage, Key, Problems, Representation, Request, Response, ReturnTo, UserView,
    View, redirect,
};

pub(crate) const ROUTES: &[Endpoint] = &[
    Endpoint::get("/login", Access::Anyone, show),
    Endpoint::post("/login", Access::Anyone, submit),
    Endpoint::post("/api/v1/session", Access::Anyone, submit),
];

const FORM: FormPage = FormPage {
    keys: &[
        Key::Text("username"),
        Key::Text("password"),
        Key::Choice("remember"),
    ],
    problems,
    page,
};

fn show(request: &mut Request) -> Result<Response, Error> {
    View {
        text: |request| match request.viewer() {
            Some(name) => format!("You are logged in as {name}"),
            None => "Send username and password as a form by POST".to_owned(),
        },
        json: |request| json!({"user": request.user().map(UserView::from)}),
        page: |request| match request.viewer() {
            Some(_) => Ok(continue_to(request.next(&Fields::none()))),
            None => FORM.blank(request),
        },
    }
    .render(request)
}

fn submit(request: &mut Request) -> Result<Response, Error> {
    FORM.submit(request, check_password)
}

fn check_password(request: &mut Request, fields: &Fields) -> Result<Response, Error> {
    let permanence = Permanence::from_choice(remember(fields)?);
    let name = fields.require("username")?;
    let password = Password::presented(fields.require("password")?.to_owned());
    let devices = request.devices();
    let attempt = SignIn {
        name,
        password,
        permanence,
        devices: &devices,
    };
    let next = request.next(fields);
    match sign_in(request.session(), attempt)? {
        SignedIn::Complete => finish_sign_in(request, next),
        SignedIn::CodeNeeded => code_needed(request, next.as_ref()),
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

fn problems(error: &Error) -> Option<Problems> {
    match error {
        Error::WrongCredentials => Problems::at_form(error),
        _ => None,
    }
}

/// Renders the form with the values that the user entered, without the password.
fn page(request: &mut Request, fields: &Fields, problems: &Problems) -> Result<Markup, Error> {
    let next = request.next(fields);
    let problem = problems.of_form();
    let arrives_with = |name| problem.is_none() && request.query(name).is_some();
    Ok(sign_in_page(&SignInPage {
        name: fields.get("username").unwrap_or_default(),
        next: next.as_ref().map(ReturnTo::as_str),
        remember: remember(fields)?,
        problem,
        password_changed: arrives_with("changed"),
        address_confirmed: arrives_with("confirmed"),
        sign_up_href: &ReturnTo::link_with(next.as_ref(), "/register"),
        viewer: None,
    }))
}
