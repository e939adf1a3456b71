//! `/account` and `GET /api/v1/account`: the overview of the account.

use kunci_domain::{EmailAddress, Role};
use kunci_maud::{AccountPage, account_page};
use serde_json::json;

use crate::errors::Error;
use crate::kit::request::Request;
use crate::kit::responses::{Response, html, reply};
use crate::kit::times::human_readable;
use crate::kit::wire_types::UserView;

pub(crate) fn show(request: &mut Request) -> Result<Response, Error> {
    let user = request.require_user()?.clone();
    let second_factor = user.second_factor.as_ref();
    Ok(reply(
        request,
        |_| format!("Account of {}. Settings: /account/password", user.name),
        |_| {
            json!({
                "user": UserView::from(&user),
                "email_confirmed": user.confirmed_address().is_some(),
                "second_factor": second_factor.is_some(),
            })
        },
        |request| {
            let since = second_factor.map(|factor| human_readable(factor.since));
            html(account_page(&AccountPage {
                name: user.name.as_str(),
                email: user.email.as_ref().map(EmailAddress::as_str),
                email_confirmed: user.confirmed_address().is_some(),
                password_changed: &human_readable(user.password_changed_at),
                second_factor_since: since.as_deref(),
                administrator: user.role == Role::Administrator,
                notices: &request.session().take_flashes(),
            }))
        },
    ))
}
