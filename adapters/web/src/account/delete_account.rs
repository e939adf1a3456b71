//! `/account/delete` and `DELETE /api/v1/account`: users delete their own account.

use kunci_domain::use_cases::delete_account;
use kunci_maud::{DeletePage, delete_page};

use crate::errors::Error;
use crate::kit::request::Request;
use crate::kit::responses::{Response, html, redirect, reply_message};

pub(crate) fn show(request: &mut Request) -> Result<Response, Error> {
    request.require_user()?;
    request.reauthenticate_before_form()?;
    Ok(reply_message(
        request,
        "Send POST to delete the account",
        |request| {
            html(delete_page(&DeletePage {
                name: request.viewer().unwrap_or_default(),
                form_problem: None,
            }))
        },
    ))
}

pub(crate) fn submit(request: &mut Request) -> Result<Response, Error> {
    request.fresh_user()?;
    delete_account(request.session())?;
    Ok(reply_message(request, "Account deleted", |_| redirect("/")))
}
