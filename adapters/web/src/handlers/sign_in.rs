//! `/login` and `POST /api/v1/session`: by name and password. The second step is in `enter_code`.

use kunci_domain::use_cases::{SignIn, SignedIn, sign_in};
use kunci_domain::{Password, Permanence};
use kunci_maud::{SignInPage, sign_in_page};
use serde_json::json;

use super::arrival::{arrive, go_on};
use super::next_place;
use super::wire_types::UserView;
use crate::errors::Error;
use crate::fields::{Fields, Key};
use crate::representation::Representation;
use crate::request::Request;
use crate::responses::{Response, html, redirect, refused, reply};
use crate::return_to::ReturnTo;

const KEYS: [Key; 3] = [
    Key::Text("username"),
    Key::Text("password"),
    Key::Choice("remember"),
];

pub(crate) fn show(request: &mut Request) -> Result<Response, Error> {
    let next = next_place(request, request.query("next").as_deref());
    let blank = Filled {
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
            Some(_) => go_on(next.clone()),
            None => html(page(&blank)),
        },
    ))
}

pub(crate) fn submit(request: &mut Request) -> Result<Response, Error> {
    let fields = request.fields(&KEYS)?;
    let remember = remember(&fields)?;
    let name = fields.require("username")?;
    let password = Password::presented(fields.require("password")?.to_owned());
    let next = next_place(request, fields.get("next"));
    let devices = request.devices();
    let attempt = SignIn {
        name,
        password,
        permanence: Permanence::from_choice(remember),
        devices: &devices,
    };
    match sign_in(request.session(), attempt).map_err(Error::from) {
        Ok(SignedIn::Complete) => arrive(request, next),
        Ok(SignedIn::CodeNeeded) => code_needed(request, next.as_ref()),
        Err(error) if request.representation() == Representation::Page => again(
            error,
            &Filled {
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

/// The way to the second step. Nobody is signed in yet, which is what programs are told.
pub(super) fn code_needed(request: &Request, next: Option<&ReturnTo>) -> Result<Response, Error> {
    if request.representation() == Representation::Page {
        Ok(redirect(&ReturnTo::carried_by(next, "/login/code")))
    } else {
        Err(Error::CodeNeeded)
    }
}

/// A page's form does not send a box that is not ticked, and says so by naming itself.
fn remember(fields: &Fields) -> Result<bool, Error> {
    fields.choice("remember", fields.get("form") != Some("page"))
}

/// The form once more, as it was filled in, but never the password.
fn again(error: Error, filled: &Filled<'_>) -> Result<Response, Error> {
    if !matches!(error, Error::WrongCredentials) && !error.is_for_later() {
        return Err(error);
    }
    let problem = error.to_string();
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
    password_changed: bool,
    address_confirmed: bool,
}

fn page(filled: &Filled<'_>) -> kunci_maud::Markup {
    sign_in_page(&SignInPage {
        name: filled.name,
        next: filled.next.map(ReturnTo::as_str),
        remember: filled.remember,
        problem: filled.problem,
        password_changed: filled.password_changed,
        address_confirmed: filled.address_confirmed,
        sign_up_href: &ReturnTo::carried_by(filled.next, "/register"),
        viewer: None,
    })
}
