//! `/account/confirm` and `POST /api/v1/session/proof`: re-authentication before sensitive changes.

use kunci_domain::Password;
use kunci_domain::use_cases::prove;
use kunci_maud::{Markup, ProofPage, proof_page};

use crate::errors::Error;
use crate::kit::{
    Access, Endpoint, Fields, FormPage, Key, Problems, Request, Response, ReturnTo, message_or_page, redirect,
};

pub(crate) const ROUTES: &[Endpoint] = &[
    Endpoint::get("/account/confirm", Access::Account, show),
    // A sign-in is a re-authentication itself, so it returns to the account instead of this form.
    Endpoint::post("/account/confirm", Access::Account, submit).on_page("/account"),
    Endpoint::post("/api/v1/session/proof", Access::Account, submit),
];

const FORM: FormPage = FormPage {
    keys: &[Key::Text("password"), Key::Text("code")],
    problems,
    page,
};

fn show(request: &mut Request) -> Result<Response, Error> {
    FORM.show(
        request,
        "Send password and, with a second factor, code as a form by POST",
    )
}

fn submit(request: &mut Request) -> Result<Response, Error> {
    FORM.submit(request, |request, fields| {
        let password = Password::presented(fields.require("password")?.to_owned());
        let code = fields.get("code").unwrap_or_default();
        let devices = request.devices();
        prove(request.session(), &password, code, &devices)?;
        message_or_page(request, "Confirmed", |request| {
            let next = request.next(fields);
            Ok(redirect(next.as_ref().map_or("/account", ReturnTo::as_str)))
        })
    })
}

fn problems(error: &Error) -> Option<Problems> {
    match error {
        Error::WrongPassword => Problems::at("password", error),
        Error::WrongCode(_) => Problems::at("code", error),
        _ => None,
    }
}

fn page(request: &mut Request, fields: &Fields, problems: &Problems) -> Result<Markup, Error> {
    let account = request.require_account()?;
    Ok(proof_page(&ProofPage {
        name: account.name.as_str(),
        next: request.next(fields).as_ref().map(ReturnTo::as_str),
        second_factor: account.has_second_factor,
        restricted: request.session.enrolling().is_some(),
        password_problem: problems.of("password"),
        code_problem: problems.of("code"),
        form_problem: problems.of_form(),
    }))
}
