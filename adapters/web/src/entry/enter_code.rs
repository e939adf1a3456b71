//! `/login/code` and `POST /api/v1/session/code`: the second step of signing in.

use kunci_domain::use_cases::enter_code;
use kunci_maud::{CodePage, Markup, code_page};

use super::after_sign_in::{continue_to, finish_sign_in};
use crate::errors::Error;
use crate::kit::{
    Access, Endpoint, Fields, FormPage, Key, Problems, Representation, Request, Response, ReturnTo,
    message_or_page, redirect,
};

pub(crate) const ROUTES: &[Endpoint] = &[
    Endpoint::get("/login/code", Access::Anyone, show),
    Endpoint::post("/login/code", Access::Anyone, submit),
    Endpoint::post("/api/v1/session/code", Access::Anyone, submit),
];

const FORM: FormPage = FormPage {
    keys: &[Key::Text("code")],
    problems,
    page,
};

fn show(request: &mut Request) -> Result<Response, Error> {
    message_or_page(request, "Send code as a form by POST", |request| {
        let next = request.next(&Fields::none());
        if request.user().is_some() {
            Ok(continue_to(next))
        } else if request.session.awaits_code() {
            FORM.blank(request)
        } else {
            Ok(redirect(&ReturnTo::link_with(next.as_ref(), "/login")))
        }
    })
}

fn submit(request: &mut Request) -> Result<Response, Error> {
    FORM.submit(request, check_code)
}

fn check_code(request: &mut Request, fields: &Fields) -> Result<Response, Error> {
    let code = fields.require("code")?;
    let next = request.next(fields);
    let devices = request.devices();
    match enter_code(request.session(), code, &devices).map_err(Error::from) {
        Ok(()) => finish_sign_in(request, next),
        Err(Error::CodeNotExpected) if request.representation() == Representation::Page => {
            Ok(redirect(&ReturnTo::link_with(next.as_ref(), "/login")))
        }
        Err(error) => Err(error),
    }
}

fn problems(error: &Error) -> Option<Problems> {
    match error {
        Error::WrongCode(_) => Problems::at("code", error),
        _ => None,
    }
}

fn page(request: &mut Request, fields: &Fields, problems: &Problems) -> Result<Markup, Error> {
    let next = request.next(fields);
    Ok(code_page(&CodePage {
        next: next.as_ref().map(ReturnTo::as_str),
        code_problem: problems.of("code"),
        form_problem: problems.of_form(),
        sign_in_href: &ReturnTo::link_with(next.as_ref(), "/login"),
    }))
}
