//! `/account`: what can be set.

use kunci_domain::EmailAddress;
use kunci_maud::{AccountPage, account_page};
use serde_json::json;

use super::wire_types::UserView;
use crate::errors::Error;
use crate::representation::Representation;
use crate::request::Request;
use crate::responses::{Response, html, json, text};
use crate::times::for_people;

pub(crate) fn show(request: &mut Request) -> Result<Response, Error> {
    let user = request.require_user()?.clone();
    Ok(match request.representation() {
        Representation::Text => text(format!("Account of {}. Settings: /account/password", user.name)),
        Representation::Json => json(&json!({"user": UserView::from(&user)})),
        Representation::Page => html(account_page(&AccountPage {
            name: user.name.as_str(),
            email: user.email.as_ref().map(EmailAddress::as_str),
            password_changed: &for_people(user.password_changed_at),
            notices: &request.session().take_flashes(),
        })),
    })
}
