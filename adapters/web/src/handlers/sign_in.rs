//! `/login`: by name and password.

use kunci_domain::use_cases::{SignIn, sign_in};
use kunci_domain::{Password, Permanence};
use kunci_maud::{SignInPage, sign_in_page};
use serde_json::json;

use super::next_place;
use super::wire_types::UserView;
use crate::errors::Error;
use crate::forms::{Form, FormError};
use crate::representation::Representation;
use crate::request::Request;
use crate::responses::{Response, html, json, redirect, refused, text};
use crate::return_to::ReturnTo;

pub(crate) fn show(request: &mut Request) -> Result<Response, Error> {
    let next = next_place(request, request.query("next").as_deref());
    Ok(match (request.representation(), request.viewer()) {
        (Representation::Page, Some(_)) => {
            redirect(next.unwrap_or_else(|| ReturnTo::path("/profile")).as_str())
        }
        (Representation::Page, None) => html(page(&Filled {
            name: "",
            remember: true,
            next: next.as_ref(),
            problem: None,
        })),
        (Representation::Json, _) => json(&json!({"user": request.user().map(UserView::from)})),
        (Representation::Text, Some(name)) => text(format!("You are logged in as {name}")),
        (Representation::Text, None) => text("Send username and password as a form by POST"),
    })
}

pub(crate) fn submit(request: &mut Request) -> Result<Response, Error> {
    let form = request.form()?;
    let remember = remember(&form)?;
    let name = form.require("username")?;
    let password = Password::presented(form.require("password")?.to_owned());
    let next = next_place(request, form.get("next"));
    let attempt = SignIn {
        name,
        password,
        permanence: Permanence::from_choice(remember),
    };
    match sign_in(request.session(), attempt).map_err(Error::from) {
        Ok(()) => Ok(signed_in(request, next)),
        Err(error) if request.representation() == Representation::Page => again(
            error,
            &Filled {
                name,
                remember,
                next: next.as_ref(),
                problem: None,
            },
        ),
        Err(error) => Err(error),
    }
}

/// A page's form does not send a box that is not ticked, and says so by naming itself.
fn remember(form: &Form) -> Result<bool, FormError> {
    form.choice("remember", form.get("form") != Some("page"))
}

fn signed_in(request: &Request, next: Option<ReturnTo>) -> Response {
    match request.representation() {
        Representation::Text => text("Logged in"),
        Representation::Json => {
            json(&json!({"message": "Logged in", "user": request.user().map(UserView::from)}))
        }
        Representation::Page => redirect(next.unwrap_or_else(|| ReturnTo::path("/profile")).as_str()),
    }
}

/// The form once more, as it was filled in, but never the password.
fn again(error: Error, filled: &Filled<'_>) -> Result<Response, Error> {
    let problem = match error {
        Error::WrongCredentials | Error::Busy => error.to_string(),
        error => return Err(error),
    };
    let filled = Filled {
        problem: Some(&problem),
        ..*filled
    };
    Ok(refused(&error, html(page(&filled))))
}

struct Filled<'a> {
    name: &'a str,
    remember: bool,
    next: Option<&'a ReturnTo>,
    problem: Option<&'a str>,
}

fn page(filled: &Filled<'_>) -> kunci_maud::Markup {
    sign_in_page(&SignInPage {
        name: filled.name,
        next: filled.next.map(ReturnTo::as_str),
        remember: filled.remember,
        problem: filled.problem,
        sign_up_href: &ReturnTo::carried_by(filled.next, "/register"),
        viewer: None,
    })
}
