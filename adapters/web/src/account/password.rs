//! `/account/password` and its API route: changing the password.

use kunci_domain::Password;
use kunci_domain::use_cases::change_password;
use kunci_maud::{PasswordPage, password_page};

use crate::errors::Error;
use crate::kit::fields::{Fields, Key};
use crate::kit::representation::Representation;
use crate::kit::request::Request;
use crate::kit::responses::{Response, html, redirect, reply_message, with_error};

const KEYS: [Key; 2] = [Key::Text("current_password"), Key::Text("new_password")];

pub(crate) fn show(request: &mut Request) -> Result<Response, Error> {
    let name = request.require_user()?.name.clone();
    request.reauthenticate_before_form()?;
    let instruction = "Send current_password and new_password as a form by POST";
    Ok(reply_message(request, instruction, |_| {
        html(page(name.as_str(), None))
    }))
}

pub(crate) fn submit(request: &mut Request) -> Result<Response, Error> {
    let name = request.fresh_user()?.name.clone();
    let fields = request.fields(&KEYS)?;
    match change(request, &fields) {
        Ok(()) => Ok(reply_message(request, "Password changed", |request| {
            // If the session is full, the notice is dropped.
            let _ = request
                .session()
                .flash("Your password has been changed. Your other devices are signed out.");
            redirect("/account")
        })),
        Err(error) if request.representation() == Representation::Page && is_shown_in_form(&error) => {
            Ok(with_error(&error, html(page(name.as_str(), Some(&error)))))
        }
        Err(error) => Err(error),
    }
}

fn change(request: &mut Request, fields: &Fields) -> Result<(), Error> {
    let current = Password::presented(fields.require("current_password")?.to_owned());
    let new = new_password(fields)?;
    let devices = request.devices();
    Ok(change_password(request.session(), &current, new, &devices)?)
}

/// Returns the new password.
///
/// # Errors
/// [`Error::PasswordsDiffer`] if the field `repeat_password` has another value. Programs may omit this field.
pub(crate) fn new_password(fields: &Fields) -> Result<String, Error> {
    let new = fields.require("new_password")?;
    if fields.get("repeat_password").is_some_and(|repeat| repeat != new) {
        return Err(Error::PasswordsDiffer);
    }
    Ok(new.to_owned())
}

const fn is_shown_in_form(error: &Error) -> bool {
    let correctable = matches!(
        error,
        Error::WrongPassword | Error::BadPassword(_) | Error::PasswordsDiffer
    );
    correctable || error.is_temporary()
}

fn page(name: &str, error: Option<&Error>) -> kunci_maud::Markup {
    let problem = error.map(ToString::to_string);
    let (current, new, form) = match error {
        Some(Error::WrongPassword) => (problem.as_deref(), None, None),
        Some(Error::Throttled(_) | Error::Busy) => (None, None, problem.as_deref()),
        _ => (None, problem.as_deref(), None),
    };
    password_page(&PasswordPage {
        name,
        current_problem: current,
        new_problem: new,
        form_problem: form,
    })
}
