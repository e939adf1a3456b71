//! `/reset` and its API route: requesting an email with a link to reset a forgotten password.
//!
//! The response is the same whether the account exists or not (OWASP ASVS 5.0, 6.3.8).

use kunci_domain::use_cases::request_reset;
use kunci_maud::{ForgottenPage, Markup, forgotten_page};

use crate::errors::Error;
use crate::kit::{Access, Endpoint, FormPage, Key, Request, Response, html, message_or_page};

pub(crate) const ROUTES: &[Endpoint] = &[
    Endpoint::get("/reset", Access::Anyone, show),
    Endpoint::post("/reset", Access::Anyone, submit),
    Endpoint::post("/api/v1/reset", Access::Anyone, submit),
];

const FORM: FormPage = FormPage {
    keys: &[Key::Text("who")],
    problems: |_| None,
    page: |request, fields, problems| {
        let who = fields.get("who").unwrap_or_default();
        Ok(page(request, who, false, problems.of_form()))
    },
};

fn show(request: &mut Request) -> Result<Response, Error> {
    FORM.show(
        request,
        "Send who (a username or an email address) as a form by POST",
    )
}

fn submit(request: &mut Request) -> Result<Response, Error> {
    FORM.submit(request, |request, fields| {
        request_reset(&request.session, fields.require("who")?)?;
        let sent = "If there is such an account, an email is on its way";
        message_or_page(request, sent, |request| Ok(html(page(request, "", true, None))))
    })
}

fn page(request: &Request, who: &str, sent: bool, form_problem: Option<&str>) -> Markup {
    forgotten_page(&ForgottenPage {
        who,
        sent,
        form_problem,
        viewer: request.viewer(),
    })
}
