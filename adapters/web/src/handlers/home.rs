//! `/`: the home page.

use kunci_maud::{HomePage, home_page};
use serde_json::json;

use super::wire_types::UserView;
use crate::errors::Error;
use crate::representation::Representation;
use crate::request::Request;
use crate::responses::{Response, html, json, text};

pub(crate) fn show(request: &mut Request) -> Result<Response, Error> {
    Ok(match request.representation() {
        Representation::Text => text(
            "Kunci: sign-in for anything. Routes: /login /register /profile /logout /logout_all /account",
        ),
        Representation::Json => json(&json!({"name": "kunci", "user": request.user().map(UserView::from)})),
        Representation::Page => html(home_page(&HomePage {
            name: request.viewer(),
        })),
    })
}
