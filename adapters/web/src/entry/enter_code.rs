//! `/login/code` and `POST /api/v1/session/code`: the second step of signing in.

use kunci_domain::use_cases::enter_code;
use kunci_maud::{CodePage, code_page};

use super::after_sign_in::{continue_to, finish_sign_in};
use crate::errors::Error;
use crate::kit::fields::Key;
use crate::kit::representation::Representation;
use crate::kit::request::Request;
use crate::kit::responses::{Response, html, redirect, reply_message, with_error};
use crate::kit::return_to::ReturnTo;

const KEYS: [Key; 1] = [Key::Text("code")];

pub(crate) fn show(request: &mut Request) -> Result<Response, Error> {
    let next = request.return_target(request.query("next").as_deref());
    Ok(reply_message(request, "Send code as a form by POST", |request| {
        if request.user().is_some() {
            continue_to(next)
        } else if request.session.awaits_code() {
            html(page(next.as_ref(), None))
        } else {
            redirect(&ReturnTo::link_with(next.as_ref(), "/login"))
        }
    }))
}

pub(crate) fn submit(request: &mut Request) -> Result<Response, Error> {
    let fields = request.fields(&KEYS)?;
    let code = fields.require("code")?;
    let next = request.return_target(fields.get("next"));
    let devices = request.devices();
    match enter_code(request.session(), code, &devices).map_err(Error::from) {
        Ok(()) => finish_sign_in(request, next),
        Err(error) if request.representation() == Representation::Page => redisplay(error, next.as_ref()),
        Err(error) => Err(error),
    }
}

fn redisplay(error: Error, next: Option<&ReturnTo>) -> Result<Response, Error> {
    match error {
        Error::CodeNotExpected => Ok(redirect(&ReturnTo::link_with(next, "/login"))),
        error if matches!(error, Error::WrongCode) || error.is_temporary() => {
            Ok(with_error(&error, html(page(next, Some(&error)))))
        }
        error => Err(error),
    }
}

fn page(next: Option<&ReturnTo>, error: Option<&Error>) -> kunci_maud::Markup {
    let problem = error.map(ToString::to_string);
    let of_form = error.is_some_and(Error::is_temporary);
    code_page(&CodePage {
        next: next.map(ReturnTo::as_str),
        code_problem: problem.as_deref().filter(|_| !of_form),
        form_problem: problem.as_deref().filter(|_| of_form),
        sign_in_href: &ReturnTo::link_with(next, "/login"),
    })
}
