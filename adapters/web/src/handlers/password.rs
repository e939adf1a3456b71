//! `/account/password` and its twin in the API: choosing a new password.

use kunci_domain::Password;
use kunci_domain::use_cases::change_password;
use kunci_maud::{PasswordPage, password_page};

use crate::errors::Error;
use crate::fields::{Fields, Key};
use crate::representation::Representation;
use crate::request::Request;
use crate::responses::{Response, html, redirect, refused, say};

const KEYS: [Key; 2] = [Key::Text("current_password"), Key::Text("new_password")];

pub(crate) fn show(request: &mut Request) -> Result<Response, Error> {
    let name = request.require_user()?.name.clone();
    request.prove_before_form()?;
    let ask = "Send current_password and new_password as a form by POST";
    Ok(say(request, ask, |_| html(page(name.as_str(), None))))
}

pub(crate) fn submit(request: &mut Request) -> Result<Response, Error> {
    let name = request.fresh_user()?.name.clone();
    let fields = request.fields(&KEYS)?;
    match change(request, &fields) {
        Ok(()) => Ok(say(request, "Password changed", |request| {
            // The password is changed, also when the session has no room left for saying so.
            let _ = request
                .session()
                .flash("Your password is changed. You are signed out on all other devices.");
            redirect("/account")
        })),
        Err(error) if request.representation() == Representation::Page && belongs_to_the_form(&error) => {
            Ok(refused(&error, html(page(name.as_str(), Some(&error)))))
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

/// The new password. Programs need not repeat themselves; people who do must not differ.
pub(super) fn new_password(fields: &Fields) -> Result<String, Error> {
    let new = fields.require("new_password")?;
    if fields.get("repeat_password").is_some_and(|repeat| repeat != new) {
        return Err(Error::PasswordsDiffer);
    }
    Ok(new.to_owned())
}

const fn belongs_to_the_form(error: &Error) -> bool {
    let own = matches!(
        error,
        Error::WrongPassword | Error::BadPassword(_) | Error::PasswordsDiffer
    );
    own || error.is_for_later()
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
