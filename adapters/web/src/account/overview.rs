//! `/account` and `GET /api/v1/account`: the overview of the account.

use kunci_domain::{Admission, EmailAddress, Role};
use kunci_maud::{AccountPage, account_page};
use serde_json::json;

use crate::errors::Error;
use crate::kit::{Access, Endpoint, Request, Response, UserView, View, html, human_readable};

pub(crate) const ROUTES: &[Endpoint] = &[
    Endpoint::get("/account", Access::User, show),
    Endpoint::get("/api/v1/account", Access::User, show),
];

fn show(request: &mut Request) -> Result<Response, Error> {
    let user = request.whole_account()?;
    let second_factor = user.second_factor.as_ref();
    View {
        text: |_| format!("Account of {}. Settings: /account/password", user.name),
        json: |_| {
            json!({
                "user": UserView::from(&Admission::from(&user)),
                "email_confirmed": user.confirmed_address().is_some(),
                "second_factor": second_factor.is_some(),
            })
        },
        page: |request| {
            let since = second_factor.map(|factor| human_readable(factor.since));
            Ok(html(account_page(&AccountPage {
                name: user.name.as_str(),
                email: user.email.as_ref().map(EmailAddress::as_str),
                email_confirmed: user.confirmed_address().is_some(),
                password_changed: &human_readable(user.password_changed_at),
                second_factor_since: since.as_deref(),
                administrator: user.role == Role::Administrator,
                notices: &request.session().take_flashes(),
            })))
        },
    }
    .render(request)
}
