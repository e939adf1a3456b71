//! `/register`: making an account for oneself.

use http::StatusCode;
use kunci_domain::use_cases::{NewUser, Problems, sign_up};
use kunci_domain::{Permanence, Role};
use kunci_maud::{SignUpPage, sign_up_page};
use serde_json::json;

use super::next_place;
use super::wire_types::UserView;
use crate::errors::{Error, capital};
use crate::representation::Representation;
use crate::request::Request;
use crate::responses::{Response, html, json, redirect, refused, status, text};
use crate::return_to::ReturnTo;

pub(crate) fn show(request: &mut Request) -> Result<Response, Error> {
    let next = next_place(request, request.query("next").as_deref());
    Ok(match (request.representation(), request.viewer()) {
        (Representation::Page, Some(_)) => redirect("/profile"),
        (Representation::Page, None) => html(page(
            "",
            "",
            next.as_ref(),
            &Problems::default(),
            &Others::default(),
        )),
        (Representation::Json, _) => json(&json!({"user": request.user().map(UserView::from)})),
        (Representation::Text, _) => {
            text("Send username, password and, if you like, email as a form by POST")
        }
    })
}

pub(crate) fn submit(request: &mut Request) -> Result<Response, Error> {
    let form = request.form()?;
    let name = form.require("username")?;
    let email = form.get("email").unwrap_or_default();
    let password = form.require("password")?.to_owned();
    let next = next_place(request, form.get("next"));
    let new = NewUser {
        name,
        email,
        password,
        role: Role::Member,
    };
    match sign_up(request.session(), new, Permanence::Permanent).map_err(Error::from) {
        Ok(()) => Ok(signed_up(request, next)),
        Err(error) if request.representation() == Representation::Page => {
            again(error, name, email, next.as_ref())
        }
        Err(error) => Err(error),
    }
}

fn signed_up(request: &Request, next: Option<ReturnTo>) -> Response {
    match request.representation() {
        Representation::Text => status(StatusCode::CREATED, text("Account created")),
        Representation::Json => {
            let body = json!({"message": "Account created", "user": request.user().map(UserView::from)});
            status(StatusCode::CREATED, json(&body))
        }
        Representation::Page => redirect(next.unwrap_or_else(|| ReturnTo::path("/profile")).as_str()),
    }
}

/// The form once more, as it was filled in, but never the password.
fn again(error: Error, name: &str, email: &str, next: Option<&ReturnTo>) -> Result<Response, Error> {
    let page = match &error {
        Error::Invalid(problems) => page(name, email, next, problems, &Others::default()),
        Error::NameTaken => {
            let taken = Others {
                name: Some("This user name is taken; choose another"),
                form: None,
            };
            page(name, email, next, &Problems::default(), &taken)
        }
        Error::Busy => {
            let busy = Others {
                name: None,
                form: Some("The server is busy; try again in a moment"),
            };
            page(name, email, next, &Problems::default(), &busy)
        }
        _ => return Err(error),
    };
    Ok(refused(&error, html(page)))
}

/// What is wrong beyond the rules for each field.
#[derive(Default)]
struct Others {
    name: Option<&'static str>,
    form: Option<&'static str>,
}

fn page(
    name: &str,
    email: &str,
    next: Option<&ReturnTo>,
    problems: &Problems,
    others: &Others,
) -> kunci_maud::Markup {
    let name_problem = problems.name.map(|problem| capital(&problem.to_string()));
    let email_problem = problems.email.map(|problem| capital(&problem.to_string()));
    let password_problem = problems.password.map(|problem| capital(&problem.to_string()));
    sign_up_page(&SignUpPage {
        name,
        email,
        next: next.map(ReturnTo::as_str),
        sign_in_href: &ReturnTo::carried_by(next, "/login"),
        name_problem: others.name.or(name_problem.as_deref()),
        email_problem: email_problem.as_deref(),
        password_problem: password_problem.as_deref(),
        form_problem: others.form,
        viewer: None,
    })
}
