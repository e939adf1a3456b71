//! `/account/password` and its API route: changing the password.

use kunci_domain::Password;
use kunci_domain::use_cases::change_password;
use kunci_maud::{Markup, PasswordPage, password_page};

use crate::errors::Error;
use crate::kit::{Access, Done, Endpoint, Fields, FormPage, Key, Problems, Request, Response};

pub(crate) const ROUTES: &[Endpoint] = &[
    Endpoint::get("/account/password", Access::UserBeforeForm, show),
    Endpoint::post("/account/password", Access::FreshUser, submit),
    Endpoint::put("/api/v1/account/password", Access::FreshUser, submit),
];

const FORM: FormPage = FormPage {
    keys: &[Key::Text("current_password"), Key::Text("new_password")],
    problems,
    page,
};

fn show(request: &mut Request) -> Result<Response, Error> {
    FORM.show(
        request,
        "Send current_password and new_password as a form by POST",
    )
}

fn submit(request: &mut Request) -> Result<Response, Error> {
    FORM.submit(request, |request, fields| {
        let current = Password::presented(fields.require("current_password")?.to_owned());
        let new = fields.new_password()?.to_owned();
        let devices = request.devices();
        change_password(request.session(), &current, new, &devices)?;
        Done::new("Password changed", "/account")
            .with_notice("Your password has been changed. Your other devices are signed out.")
            .answer(request)
    })
}

fn problems(error: &Error) -> Option<Problems> {
    match error {
        Error::WrongPassword => Problems::at("current_password", error),
        Error::BadPassword(_) | Error::PasswordsDiffer => Problems::at("new_password", error),
        _ => None,
    }
}

fn page(request: &mut Request, _: &Fields, problems: &Problems) -> Result<Markup, Error> {
    Ok(password_page(&PasswordPage {
        name: request.viewer().unwrap_or_default(),
        current_problem: problems.of("current_password"),
        new_problem: problems.of("new_password"),
        form_problem: problems.of_form(),
    }))
}
