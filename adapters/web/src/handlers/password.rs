//! `/account/password`: choosing a new password.

use kunci_domain::Password;
use kunci_domain::use_cases::change_password;
use kunci_maud::{PasswordPage, password_page};
use serde_json::json;

use crate::errors::Error;
use crate::forms::Form;
use crate::representation::Representation;
use crate::request::Request;
use crate::responses::{Response, html, json, redirect, refused, text};

const DONE: &str = "Password changed";

pub(crate) fn show(request: &mut Request) -> Result<Response, Error> {
    let name = request.require_user()?.name.as_str();
    Ok(match request.representation() {
        Representation::Page => html(page(name, None)),
        Representation::Json => {
            json(&json!({"message": "Send current_password and new_password as a form by POST"}))
        }
        Representation::Text => text("Send current_password and new_password as a form by POST"),
    })
}

pub(crate) fn submit(request: &mut Request) -> Result<Response, Error> {
    let name = request.require_user()?.name.clone();
    let form = request.form()?;
    match change(request, &form) {
        Ok(()) => Ok(done(request)),
        Err(error) if request.representation() == Representation::Page && belongs_to_the_form(&error) => {
            Ok(refused(&error, html(page(name.as_str(), Some(&error)))))
        }
        Err(error) => Err(error),
    }
}

fn change(request: &mut Request, form: &Form) -> Result<(), Error> {
    let current = Password::presented(form.require("current_password")?.to_owned());
    let new = form.require("new_password")?;
    // Programs need not repeat themselves; people who do must not differ.
    if form.get("repeat_password").is_some_and(|repeat| repeat != new) {
        return Err(Error::PasswordsDiffer);
    }
    Ok(change_password(request.session(), &current, new.to_owned())?)
}

fn done(request: &mut Request) -> Response {
    match request.representation() {
        Representation::Text => text(DONE),
        Representation::Json => json(&json!({"message": DONE})),
        Representation::Page => {
            // The password is changed, also when the session has no room left for saying so.
            let _ = request
                .session()
                .flash("Your password is changed. You are signed out on all other devices.");
            redirect("/account")
        }
    }
}

const fn belongs_to_the_form(error: &Error) -> bool {
    matches!(
        error,
        Error::WrongPassword | Error::BadPassword(_) | Error::PasswordsDiffer
    )
}

fn page(name: &str, error: Option<&Error>) -> kunci_maud::Markup {
    let problem = error.map(ToString::to_string);
    let (current, new) = match error {
        Some(Error::WrongPassword) => (problem.as_deref(), None),
        _ => (None, problem.as_deref()),
    };
    password_page(&PasswordPage {
        name,
        current_problem: current,
        new_problem: new,
        form_problem: None,
    })
}
