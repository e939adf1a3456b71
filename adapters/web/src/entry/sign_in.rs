//! `/login` and `POST /api/v1/session`: signing in with name and password. The second step is `enter_code`.

use kunci_domain::use_cases::{SignIn, SignedIn, sign_in};
use kunci_domain::{Password, Permanence, Stage};
use kunci_maud::{Markup, SignInPage, sign_in_page};
use serde_json::json;

use super::after_sign_in::{COOKIE_TEST, continue_to, cookie_test, finish_sign_in};
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
        page: show_page,
    }
    .render(request)
}

/// Shows the form, or leads users who have signed in to the next step.
fn show_page(request: &mut Request) -> Result<Response, Error> {
    let next = request.next(&Fields::none());
    let tests_cookies = request.query(COOKIE_TEST).is_some();
    match request.session.stage() {
        Stage::SignedIn(_) => Ok(continue_to(next)),
        Stage::PendingSecondFactor(_) if tests_cookies => code_needed(request, next.as_ref()),
        Stage::Enrolling(_) if tests_cookies => Err(Error::SecondFactorNeeded),
        _ => FORM.blank(request),
    }
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
    let signed_in = sign_in(request.session(), attempt)?;
    if let Some(test) = cookie_test(request, fields) {
        return Ok(test);
    }
    match signed_in {
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

/// What the page says if the browser stored no cookie at the sign-in.
const COOKIES_NEEDED: &str = "Your browser stored no cookie, so you are not signed in. \
    Allow cookies for this site, then sign in again";

/// Renders the form with the values that the user entered, without the password.
fn page(request: &mut Request, fields: &Fields, problems: &Problems) -> Result<Markup, Error> {
    let next = request.next(fields);
    let problem = problems.of_form();
    let arrives_with = |name| problem.is_none() && request.query(name).is_some();
    let cookies_needed = arrives_with(COOKIE_TEST);
    Ok(sign_in_page(&SignInPage {
        name: fields.get("username").unwrap_or_default(),
        next: next.as_ref().map(ReturnTo::as_str),
        remember: remember(fields)?,
        problem: problem.or(cookies_needed.then_some(COOKIES_NEEDED)),
        password_changed: arrives_with("changed"),
        address_confirmed: arrives_with("confirmed"),
        sign_up_href: &ReturnTo::link_with(next.as_ref(), "/register"),
        viewer: None,
    }))
}
