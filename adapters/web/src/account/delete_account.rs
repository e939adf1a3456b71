//! `/account/delete` and `DELETE /api/v1/account`: users delete their own account.

use kunci_domain::use_cases::delete_account;
use kunci_maud::{DeletePage, delete_page};

use crate::errors::Error;
use crate::kit::{Access, Done, Endpoint, Request, Response, html, message_or_page};

pub(crate) const ROUTES: &[Endpoint] = &[
    Endpoint::get("/account/delete", Access::UserBeforeForm, show),
    Endpoint::post("/account/delete", Access::FreshUser, submit),
    Endpoint::delete("/api/v1/account", Access::FreshUser, submit),
];

fn show(request: &mut Request) -> Result<Response, Error> {
    message_or_page(request, "Send POST to delete the account", |request| {
        Ok(html(delete_page(&DeletePage {
            name: request.viewer().unwrap_or_default(),
            form_problem: None,
        })))
    })
}

fn submit(request: &mut Request) -> Result<Response, Error> {
    delete_account(request.session())?;
    Done::new("Account deleted", "/").answer(request)
}
