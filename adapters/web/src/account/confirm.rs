//! `/account/confirm` and `POST /api/v1/session/proof`: re-authentication before sensitive changes.

use kunci_domain::Password;
use kunci_domain::use_cases::prove;
use kunci_maud::{ProofPage, proof_page};

use crate::errors::Error;
use crate::kit::fields::Key;
use crate::kit::representation::Representation;
use crate::kit::request::Request;
use crate::kit::responses::{Response, html, redirect, reply_message, with_error};
use crate::kit::return_to::ReturnTo;

const KEYS: [Key; 2] = [Key::Text("password"), Key::Text("code")];

pub(crate) fn show(request: &mut Request) -> Result<Response, Error> {
    request.require_account()?;
    let next = request.return_target(request.query("next").as_deref());
    let instruction = "Send password and, with a second factor, code as a form by POST";
    Ok(reply_message(request, instruction, |request| {
        html(page(request, next.as_ref(), None))
    }))
}

pub(crate) fn submit(request: &mut Request) -> Result<Response, Error> {
    request.require_account()?;
    let fields = request.fields(&KEYS)?;
    let password = Password::presented(fields.require("password")?.to_owned());
    let code = fields.get("code").unwrap_or_default();
    let next = request.return_target(fields.get("next"));
    let devices = request.devices();
    match prove(request.session(), &password, code, &devices).map_err(Error::from) {
        Ok(()) => Ok(reply_message(request, "Confirmed", |_| {
            redirect(next.unwrap_or_else(|| ReturnTo::path("/account")).as_str())
        })),
        Err(error) if request.representation() == Representation::Page && is_shown_in_form(&error) => {
            let page = page(request, next.as_ref(), Some(&error));
            Ok(with_error(&error, html(page)))
        }
        Err(error) => Err(error),
    }
}

const fn is_shown_in_form(error: &Error) -> bool {
    matches!(error, Error::WrongPassword | Error::WrongProofCode) || error.is_temporary()
}

fn page(request: &Request, next: Option<&ReturnTo>, error: Option<&Error>) -> kunci_maud::Markup {
    let account = request.session.account();
    let problem = error.map(ToString::to_string);
    let of = |which: fn(&Error) -> bool| problem.as_deref().filter(|_| error.is_some_and(which));
    proof_page(&ProofPage {
        name: account.map_or("", |user| user.name.as_str()),
        next: next.map(ReturnTo::as_str),
        second_factor: account.is_some_and(|user| user.second_factor.is_some()),
        restricted: request.session.enrolling().is_some(),
        password_problem: of(|error| matches!(error, Error::WrongPassword)),
        code_problem: of(|error| matches!(error, Error::WrongProofCode)),
        form_problem: of(Error::is_temporary),
    })
}
