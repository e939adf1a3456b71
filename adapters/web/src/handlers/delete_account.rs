//! `/account/delete` and `DELETE /api/v1/account`: deleting one's own account.

use kunci_domain::use_cases::delete_account;
use kunci_maud::{DeletePage, delete_page};

use crate::errors::Error;
use crate::request::Request;
use crate::responses::{Response, html, redirect, say};

pub(crate) fn show(request: &mut Request) -> Result<Response, Error> {
    request.require_user()?;
    request.prove_before_form()?;
    Ok(say(request, "Send POST to delete the account", |request| {
        html(delete_page(&DeletePage {
            name: request.viewer().unwrap_or_default(),
            form_problem: None,
        }))
    }))
}

pub(crate) fn submit(request: &mut Request) -> Result<Response, Error> {
    request.fresh_user()?;
    delete_account(request.session())?;
    Ok(say(request, "Account deleted", |_| redirect("/")))
}
