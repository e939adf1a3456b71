//! `/account/email` and its API routes: changing and confirming the email address.

use http::StatusCode;
use kunci_domain::EmailAddress;
use kunci_domain::use_cases::{change_address, resend_confirmation};
use kunci_maud::{EmailPage, Markup, email_page};
use serde_json::json;

use crate::errors::Error;
use crate::kit::{Access, Done, Endpoint, Fields, FormPage, Key, Problems, Request, Response, View};

const PAGE: &str = "/account/email";

pub(crate) const ROUTES: &[Endpoint] = &[
    Endpoint::get(PAGE, Access::UserBeforeForm, show),
    Endpoint::post(PAGE, Access::FreshUser, submit),
    Endpoint::put("/api/v1/account/email", Access::FreshUser, submit),
    Endpoint::post("/account/email/resend", Access::User, resend).on_page(PAGE),
    Endpoint::post("/api/v1/account/email/resend", Access::User, resend),
];

const FORM: FormPage = FormPage {
    keys: &[Key::Text("email")],
    problems,
    page,
};

fn show(request: &mut Request) -> Result<Response, Error> {
    let user = request.require_user()?.clone();
    let email = user.email.as_ref().map(EmailAddress::as_str);
    let confirmed = user.confirmed_address().is_some();
    View {
        text: |_| match (email, confirmed) {
            (Some(email), true) => format!("{email}, confirmed"),
            (Some(email), false) => format!("{email}, not confirmed"),
            (None, _) => "No address".to_owned(),
        },
        json: |_| json!({"email": email, "confirmed": confirmed}),
        page: |request| FORM.blank(request),
    }
    .render(request)
}

fn submit(request: &mut Request) -> Result<Response, Error> {
    FORM.submit(request, |request, fields| {
        change_address(&request.session, fields.require("email")?)?;
        Done::new("An email is on its way to the new address", PAGE)
            .with_notice("An email is on its way to the new address.")
            .with_status(StatusCode::ACCEPTED)
            .answer(request)
    })
}

fn resend(request: &mut Request) -> Result<Response, Error> {
    FORM.press(request, |request| {
        resend_confirmation(&request.session)?;
        Done::new("An email is on its way to your address", PAGE)
            .with_notice("An email is on its way to your address.")
            .with_status(StatusCode::ACCEPTED)
            .answer(request)
    })
}

fn problems(error: &Error) -> Option<Problems> {
    match error {
        Error::BadAddress => Problems::at("email", error),
        Error::NothingToConfirm => Problems::at_form(error),
        _ => None,
    }
}

fn page(request: &mut Request, fields: &Fields, problems: &Problems) -> Result<Markup, Error> {
    let notices = request.session().take_flashes();
    let user = request.require_user()?;
    Ok(email_page(&EmailPage {
        name: user.name.as_str(),
        email: user.email.as_ref().map(EmailAddress::as_str),
        confirmed: user.confirmed_address().is_some(),
        new_email: fields.get("email").unwrap_or_default(),
        email_problem: problems.of("email"),
        form_problem: problems.of_form(),
        notices: &notices,
    }))
}
